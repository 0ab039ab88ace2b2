import { setTimeout as delay } from 'node:timers/promises'
import type { BareOutcome } from '../agent.ts'
import type { AgentEvent, PlanItem } from '../agent-event.ts'
import type { AgentRun } from '../builtin/agent-run.ts'
import type { FinishGate } from '../builtin/finish-gate.ts'
import type { RunLimits } from '../builtin/limits.ts'
import type { NestedInstructions } from '../builtin/nested-instructions.ts'
import { stoppedOutcome } from '../builtin/stopped-outcome.ts'
import type { Stop } from '../builtin/stuck-detector.ts'
import { takeFollowUps } from '../builtin/transcript-writer.ts'
import { titleOf } from '../title.ts'
import { readClaim } from '../tools/finish.ts'
import { CLAUDE_CODE_VERSION } from './claude-command.ts'
import type { CliProgram } from './cli-program.ts'
import { noteLine, userLine } from './input-lines.ts'
import { type CliVerdict, judgeEnd } from './judge-end.ts'
import { createLineEvents } from './line-events.ts'
import type { MeteredGateway } from './metered-gateway.ts'
import type { CliLine } from './read-line.ts'
import type { RecordKeeper } from './record-keeper.ts'
import { wordsEntry } from './session-transcript.ts'

/** How a conversation ended: with an outcome for the run, or with what another agent must know to continue. */
export type ConversationEnd =
  | { readonly outcome: BareOutcome; readonly handOver?: undefined }
  | { readonly handOver: HandOver; readonly outcome?: undefined }

/** The state of the work when Claude Code could not continue. */
export interface HandOver {
  /** One sentence for people. */
  readonly reason: string
  readonly lastText: string
  readonly plan: readonly PlanItem[]
  /** The last calls, one line each: `bash npm test (exit 1)`. */
  readonly calls: readonly string[]
  /** The host's last verdict on the work; empty when there was none. */
  readonly review: string
}

export interface ConversationParts {
  readonly program: CliProgram
  readonly gateway: MeteredGateway
  readonly gate: FinishGate
  readonly limits: RunLimits
  readonly keeper: RecordKeeper
  readonly instructions: NestedInstructions
  readonly model: string
  /** The tools with which Claude Code was started. */
  readonly tools: readonly string[]
  /** Gets every event before people see it. */
  readonly onEvent: (event: AgentEvent) => void
  /** After so many milliseconds without a text, a call or a request, another agent takes over. */
  readonly silenceMs: number
}

/** Milliseconds between two checks for follow-ups, the deadline and a failed store. */
const TICK_MS = 1000
/** How long a call may be silent; a command of Claude Code runs for ten minutes at most. */
const CALL_SILENCE_MS = 15 * 60_000

/**
 * Follows Claude Code until it is done, cannot continue, or must stop. What people add, instructions and the host's
 * answers are written to its input.
 *
 * @throws {SandboxError} when the sandbox is lost; the reason of the run's signal; the error that kept the transcript
 * from being stored.
 */
export async function converse(run: AgentRun, parts: ConversationParts): Promise<ConversationEnd> {
  const { task, context, writer, usage, deadline } = run
  const { program, gateway, gate, keeper, model } = parts
  const events = createLineEvents({ workspace: task.workspace, now: usage.now })
  const calls: string[] = []
  let review = ''
  let heardAt = usage.now()

  function emit(event: AgentEvent): void {
    parts.onEvent(event)
    context.emit(event)
    if (event.type === 'tool.finished') calls.push(describeCall(event))
  }
  /** Sends a note to the model and adds it to the transcript. */
  function tell(text: string): void {
    writer.add({ role: 'harness', parts: [{ type: 'text', text }] })
    program.say(noteLine(text))
  }
  const stopped = (stop: Stop): ConversationEnd => ({
    outcome: stoppedOutcome({ title: titleOf(task), stop, plan: events.plan(), lastText: events.lastText() }),
  })

  const elsewhere = (reason: string): ConversationEnd => ({
    handOver: {
      reason,
      lastText: events.lastText(),
      plan: events.plan(),
      calls: calls.slice(-MAX_CALLS),
      review,
    },
  })

  async function passOnFollowUps(): Promise<void> {
    const before = writer.transcript().entries.length
    await takeFollowUps(context, writer)
    for (const entry of writer.transcript().entries.slice(before)) {
      if (entry.role === 'user') program.say(userLine(entry.parts))
    }
  }

  async function conclude(verdict: CliVerdict, claimed: unknown): Promise<ConversationEnd | undefined> {
    switch (verdict.kind) {
      case 'done': {
        const claim = readClaim(claimed)
        const { text } = claim
          ? await gate.review(claim)
          : await gate.reviewText(events.lastText() || 'The agent ended without a word.')
        const outcome = gate.outcome()
        if (outcome) return { outcome }
        review = text
        tell(text)
        return undefined
      }
      case 'reached': {
        const { code, nearest } = gateway.reached() ?? parts.limits.check()
        return stopped({ code, reason: `The run reached its limit: ${nearest}.` })
      }
      case 'elsewhere':
        return elsewhere(verdict.reason)
    }
  }

  async function takeLine(line: CliLine): Promise<ConversationEnd | undefined> {
    if (line.type === 'system' && line.subtype === 'init') {
      const why = whyUnfit(line, parts.tools)
      if (why) return elsewhere(why)
    }
    for (const event of events.take(line)) {
      emit(event)
      if (event.type === 'agent.message') writer.add(wordsEntry(event.text, model))
      if (event.type === 'tool.finished') await afterCall(event, { run, parts, tell })
    }
    if (line.type !== 'result') return undefined
    keeper.note({ mayHaveChanged: true })
    return conclude(
      judgeEnd({ result: line, exitCode: undefined, isRefused: gateway.reached() !== undefined }),
      line.structured_output,
    )
  }

  /** Why the conversation must end now; undefined when it may go on. */
  function look(): ConversationEnd | undefined {
    context.signal.throwIfAborted()
    writer.failed.throwIfAborted()
    if (deadline.aborted) return stopped({ code: 'time_limit', reason: 'The time for this run is over.' })
    const patience = events.isCalling() ? Math.max(CALL_SILENCE_MS, parts.silenceMs) : parts.silenceMs
    if (gateway.underWay() > 0) heardAt = usage.now()
    if (usage.now() - heardAt < patience) return undefined
    return elsewhere('Claude Code was silent for too long.')
  }

  let reading = program.read()
  reading.catch(() => {}) // Handled where it is awaited below, unless the conversation ends first.
  try {
    for (;;) {
      const end = look()
      if (end) return end
      await passOnFollowUps()
      const lines = await Promise.race([reading, delay(TICK_MS)])
      if (!lines) continue
      if (lines.length > 0) heardAt = usage.now()
      for (const line of lines) {
        const ending = await takeLine(line)
        if (ending) return ending
        heardAt = usage.now()
      }
      const ended = program.ended()
      if (lines.length === 0 && ended) {
        const { exitCode } = ended
        const isRefused = gateway.reached() !== undefined
        const complaint = await program.complaint()
        const verdict = judgeEnd({ result: undefined, exitCode, complaint, isRefused })
        return (await conclude(verdict, undefined)) ?? elsewhere('Claude Code ended.')
      }
      reading = program.read()
      reading.catch(() => {})
    }
  } finally {
    for (const event of events.end()) emit(event)
  }
}

/** How many calls are listed for an agent that takes over. */
const MAX_CALLS = 60

function describeCall({ title, status, detail }: Extract<AgentEvent, { type: 'tool.finished' }>): string {
  const end = detail.kind === 'bash' ? `exit ${detail.exitCode}` : status
  return `${title.slice(0, 200)} (${end})`
}

async function afterCall(
  event: Extract<AgentEvent, { type: 'tool.finished' }>,
  {
    run: { usage },
    parts: { keeper, instructions },
    tell,
  }: { readonly run: AgentRun; readonly parts: ConversationParts; readonly tell: (text: string) => void },
): Promise<void> {
  usage.addTools(event.durationMs, 1)
  const { kind } = event.detail
  keeper.note({ mayHaveChanged: kind === 'bash' || kind === 'edit' || kind === 'write' })
  if (kind !== 'read' && kind !== 'edit' && kind !== 'write') return
  const { text } = await instructions.take([event.detail.path])
  if (text !== '') tell(text.trim())
}

/** Why this program is not the tested Claude Code, which could read or run what it must not; undefined when it is. */
function whyUnfit(
  init: {
    readonly tools: readonly string[]
    readonly mcp_servers: readonly unknown[]
    readonly claude_code_version: string
  },
  asked: readonly string[],
): string | undefined {
  const { tools, mcp_servers: servers, claude_code_version: version } = init
  const reason = (what: string) => `Claude Code cannot be used as it is (bad_cli): ${what}`
  if (version !== CLAUDE_CODE_VERSION)
    return reason(`its version is ${version.slice(0, 40)}, and Backspace needs ${CLAUDE_CODE_VERSION}.`)
  if (servers.length > 0) return reason('it started MCP servers.')
  const others = tools.filter((tool) => !asked.includes(tool) && tool !== 'StructuredOutput')
  return others.length > 0
    ? reason(`it has tools that it was not given (${others.join(', ').slice(0, 200)}).`)
    : undefined
}
