import { randomBytes } from 'node:crypto'
import type { Model } from '../../models/model.ts'
import { callsOf } from '../../models/transcript.ts'
import type { Agent, AgentContext, AgentOutcome, AgentTask, BareOutcome } from '../agent.ts'
import type { PlanItem } from '../agent-event.ts'
import { titleOf } from '../title.ts'
import { boundText } from '../tools/bounded-output.ts'
import { type AgentRun, openRun } from './agent-run.ts'
import { createCommandLog } from './command-log.ts'
import { createFinishGate, recallReviews } from './finish-gate.ts'
import { createRunLimits } from './limits.ts'
import { createNestedInstructions } from './nested-instructions.ts'
import { createConversation } from './next-turn.ts'
import { createPlanGate } from './plan-gate.ts'
import { entriesOfRun } from './prompt.ts'
import { createSilentTurns } from './silent-turns.ts'
import { createStuckDetector, type Stop } from './stuck-detector.ts'
import { textOf } from './take-turn.ts'
import { createToolbox, skipCalls } from './toolbox.ts'
import { takeFollowUps } from './transcript-writer.ts'

interface BuiltinAgentOptions {
  readonly model: Model
  /** Milliseconds since the epoch, with fractions. */
  readonly now?: () => number
  /** Marks, per run, where quoted text of others begins and ends; must not be guessable. */
  readonly newNonce?: () => string
}

/** The agent whose loop runs on the host and whose tools run in the sandbox. */
export function createBuiltinAgent({
  model,
  now = () => performance.timeOrigin + performance.now(),
  newNonce = () => randomBytes(8).toString('hex'),
}: BuiltinAgentOptions): Agent {
  return {
    name: 'builtin',
    async work(task, context) {
      const deadline = startDeadline(task)
      const nonce = newNonce()
      try {
        const run = await openRun({ task, context, now, nonce, deadline: deadline.signal })
        const outcome = await takeTurns(run, { model, nonce, newNonce }).finally(run.writer.idle)
        await run.writer.stored()
        return { ...outcome, totals: run.usage.totals() } satisfies AgentOutcome
      } finally {
        deadline.stop()
      }
    },
  }
}

/** Aborts when the minutes of the run are over, those of earlier attempts counted. */
function startDeadline({ limits, spent }: AgentTask) {
  const controller = new AbortController()
  const leftMs = limits.minutes * 60_000 - (spent?.ms ?? 0)
  const timer = setTimeout(() => controller.abort(), Math.max(0, leftMs))
  return { signal: controller.signal, stop: () => clearTimeout(timer) }
}

/**
 * Asks the model, carries out its calls, and asks again, until `finish` is accepted or the run must stop. Every way
 * out is an outcome, except the errors that the Agent contract names.
 */
async function takeTurns(
  run: AgentRun,
  {
    model,
    nonce,
    newNonce,
  }: { readonly model: Model; readonly nonce: string; readonly newNonce: () => string },
): Promise<BareOutcome> {
  const { task, context, writer } = run
  const earlier = entriesOfRun(writer.transcript(), task)
  const commands = createCommandLog(earlier)
  const limits = createRunLimits(run)
  const gate = task.plan
    ? createPlanGate({ fallbackTitle: titleOf(task), describeCommands: commands.describe })
    : createFinishGate(run, {
        // The checks of a claim may have taken the rest of the time.
        isLastChance: () => limits.current().level === 'finish_only' || run.deadline.aborted,
        earlier: recallReviews(earlier),
        describeCommands: commands.describe,
      })
  const instructions = createNestedInstructions({
    read: context.readInstructions ?? noInstructions,
    transcript: writer.transcript(),
    nonce,
  })
  const toolbox = createToolbox(run, { gate, limits, instructions, onEvent: commands.observe })
  const conversation = createConversation(run, { model, toolbox, newNonce, onCompacted: instructions.forget })
  const silentTurns = createSilentTurns(writer, gate)
  const stuck = createStuckDetector()
  let lastText = ''
  const stopped = (stop: Stop) =>
    stoppedOutcome({ title: titleOf(task), stop, plan: toolbox.plan(), lastText })

  try {
    for (;;) {
      context.signal.throwIfAborted()
      await takeFollowUps(context, writer)
      const { level, code, nearest } = limits.check()
      if (level === 'reached') return stopped({ code, reason: `The run reached its limit: ${nearest}.` })

      const turn = await conversation.nextTurn(level)
      if ('reason' in turn) return stopped(turn)
      lastText = textOf(turn) || lastText
      // Asking again would bring the same answer.
      if (turn.origin.stop === 'refusal') {
        skipCalls(turn, run, 'Not carried out: the run ends here.')
        return stopped({ code: 'model_refused', reason: 'The model declined to continue.' })
      }

      let stop: Stop | undefined
      if (callsOf(turn).length === 0) {
        stop = await silentTurns.add(turn)
      } else {
        silentTurns.reset()
        const calls = await toolbox.answer(turn)
        context.signal.throwIfAborted()
        const observation = gate.outcome() ? undefined : stuck.observe(calls)
        if (observation?.nudge !== undefined) writer.note(observation.nudge)
        stop = observation?.stop
      }
      const outcome = gate.outcome() ?? (stop && stopped(stop))
      if (outcome) return outcome
    }
  } finally {
    await toolbox.close()
  }
}

async function noInstructions(): ReturnType<NonNullable<AgentContext['readInstructions']>> {
  return []
}

/**
 * The outcome of a run that was stopped before the model finished: the files are kept, and nothing is claimed of them.
 *
 * @param given.title of the request.
 * @param given.lastText what the model said last; empty when it said nothing.
 */
function stoppedOutcome(given: {
  readonly title: string
  readonly stop: Stop
  readonly plan: readonly PlanItem[]
  readonly lastText: string
}): BareOutcome {
  const { title, stop, plan, lastText } = given
  const steps = plan.map(({ text, status }) => `- [${status === 'done' ? 'x' : ' '}] ${text}`)
  const summary = [
    'The work stopped before it was finished. This change holds what was in the workspace then.',
    ...(steps.length > 0 ? [`Steps so far:\n\n${steps.join('\n')}`] : []),
    ...(lastText.trim() ? [`Its last message:\n\n${quote(boundText(lastText.trim(), 2000))}`] : []),
  ]
  return { kind: 'partial', title, summary: summary.join('\n\n'), reason: stop.reason, code: stop.code }
}

function quote(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')
}
