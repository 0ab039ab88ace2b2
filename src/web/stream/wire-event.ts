import type { RunEvent, RunTotals, Step } from '../../runs/run-event.ts'
import { compactedText } from '../../runs/summary/sentences.ts'
import { costText, durationText } from '../../text/amounts.ts'
import type { ShowEvent } from './show-event.ts'
import { createThinkingLog, type ThinkingLog } from './thinking-log.ts'
import { wireTool, wireTotals, wireTurn } from './wire-fields.ts'

/**
 * What one frame of the stream says. Clients branch on `type`: `info`, `AI Message`, `Tool: <name>`, and exactly
 * one `success` or `error` at the end. The remaining fields depend on it; `/openapi.json` lists them.
 */
export interface WireEvent {
  readonly seq: number
  readonly runId: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly type: 'info' | 'AI Message' | 'success' | 'error' | `Tool: ${string}`
  /** One line for people. */
  readonly message: string
  readonly [field: string]: unknown
}

export type ToWire = (event: RunEvent) => WireEvent

type Fields = Pick<WireEvent, 'type' | 'message'> & Readonly<Record<string, unknown>>

/** Percent at the start and at the end of each step; what lies between is the agent's. */
const PROGRESS: Readonly<Record<Step, readonly [number, number]>> = {
  sandbox: [2, 8],
  clone: [8, 15],
  setup: [15, 25],
  baseline: [25, 35],
  agent: [35, 75],
  collect: [75, 78],
  checks: [78, 85],
  gate: [85, 88],
  publish: [88, 93],
  pull_request: [93, 97],
  report: [97, 99],
}

/**
 * Makes the mapping from one run's events to its frames: one frame for each event, with the same seq. It counts as
 * it goes, so it must be given every event from seq 1; then the frames of a resumed stream are the same, byte for
 * byte, as those of one that was never cut.
 */
export function createWireMapper(show: ShowEvent): ToWire {
  const thinking = createThinkingLog()
  let progress = 0
  return (raw) => {
    const event = show(raw)
    progress = Math.max(progress, progressOf(event) ?? 0)
    const { type, message, ...fields } = wireFields(event, { progress, thinking })
    thinking.add(event, message)
    return { seq: event.seq, runId: event.runId, at: event.at, type, message, ...fields }
  }
}

function progressOf(event: RunEvent): number | undefined {
  if (event.type === 'run.started') return 1
  if (event.type === 'step.started') return PROGRESS[event.step][0]
  if (event.type === 'step.finished') return PROGRESS[event.step][1]
  // Nobody knows how many turns a task takes; each brings the bar a little nearer to the end of the step.
  if (event.type === 'model.turn') return Math.round(75 - 40 * 0.94 ** event.turn)
  return undefined
}

interface Context {
  readonly progress: number
  readonly thinking: ThinkingLog
}

function wireFields(event: RunEvent, { progress, thinking }: Context): Fields {
  const info = (step: string, message: string, fields: object = {}): Fields => ({
    type: 'info',
    step,
    progress,
    message,
    ...fields,
  })
  switch (event.type) {
    case 'run.queued':
      return info('queued', queuedMessage(event.repository, event.position), {
        repository: event.repository,
        position: event.position,
        runUrl: event.runUrl,
        eventsUrl: event.eventsUrl,
      })
    case 'run.started':
      return info('claimed', event.attempt > 1 ? `Started again, attempt ${event.attempt}` : 'Started', {
        attempt: event.attempt,
      })
    case 'step.started':
      return info(event.step, event.message, { status: 'started' })
    case 'step.finished':
      return info(event.step, event.message, { status: event.status, duration_ms: event.durationMs })
    case 'checks.finished':
      return info(
        event.phase === 'before' ? 'baseline' : 'checks',
        checksMessage(event.phase, event.results),
        {
          phase: event.phase,
          checks: event.results.map(({ command, exitCode, durationMs, tail }) => ({
            command,
            exit_code: exitCode,
            duration_ms: durationMs,
            output: tail,
          })),
        },
      )
    case 'changes.collected':
      return info('collect', filesMessage(event.files), { files: event.files, diff: event.diff })
    case 'notice':
    case 'agent.notice':
      return info(event.type === 'notice' ? 'notice' : 'agent', event.message, { level: event.level })
    case 'context.compacted': {
      const { number, summaryBy, tokensBefore, tokensAfter } = event
      return info('agent', compactedText(event), {
        compaction: { number, summaryBy, tokensBefore, tokensAfter },
      })
    }
    case 'agent.message':
      return { type: 'AI Message', message: event.text }
    case 'agent.note':
      return info('agent', `${event.author} added: ${event.text}`, { author: event.author, note: event.text })
    case 'agent.plan': {
      const done = event.items.filter(({ status }) => status === 'done').length
      return info('agent', `Plan: ${done} of ${event.items.length} done`, { plan: event.items })
    }
    case 'tool.started':
      return info('agent', event.title, { status: 'started', tool: event.tool, call_id: event.callId })
    case 'tool.finished':
      return wireTool(event)
    case 'model.turn':
      return info('agent', turnMessage(event.turn, event), wireTurn(event))
    case 'model.retried':
      return info(
        'agent',
        `${event.model}: ${event.errorClass}, trying again in ${durationText(event.waitMs)}`,
        {
          level: 'warning',
          model: event.model,
          attempt: event.attempt,
          error_class: event.errorClass,
          wait_ms: event.waitMs,
        },
      )
    case 'finish.reviewed':
      return info('agent', event.message, {
        claim: event.claim,
        verdict: event.verdict,
        duration_ms: event.durationMs,
      })
    case 'model.switched':
      return info('agent', `Going on with ${event.to} instead of ${event.from}: ${event.reason}`, {
        level: 'warning',
        from: event.from,
        to: event.to,
        error_class: event.errorClass,
      })
    case 'run.succeeded':
      return {
        type: 'success',
        message: event.message,
        telemetry: telemetry(thinking, event.totals),
        extra_data: {
          outcome: event.outcome,
          pr_url: event.pullRequestUrl,
          comment_url: event.commentUrl,
          draft: event.draft,
          ...wireTotals(event.totals),
        },
      }
    case 'run.failed':
      return failure(event.code, event.message, { thinking, totals: event.totals })
    case 'run.cancelled':
      return failure('cancelled', event.message, { thinking, totals: event.totals })
    default:
      return unreachable(event)
  }
}

function queuedMessage(repository: string, position: number): string {
  return position <= 1
    ? `Queued for ${repository}: next`
    : `Queued for ${repository}: number ${position} in line`
}

function checksMessage(phase: 'before' | 'after', results: readonly { readonly exitCode: number }[]): string {
  const when = phase === 'before' ? 'before the change' : 'after the change'
  if (results.length === 0) return `No checks found to run ${when}`
  const passed = results.filter(({ exitCode }) => exitCode === 0).length
  return `Checks ${when}: ${passed} of ${results.length} passed`
}

function filesMessage(files: readonly { readonly additions: number; readonly deletions: number }[]): string {
  const added = files.reduce((sum, file) => sum + file.additions, 0)
  const deleted = files.reduce((sum, file) => sum + file.deletions, 0)
  return `${files.length} ${files.length === 1 ? 'file' : 'files'} changed, +${added} −${deleted}`
}

function turnMessage(
  turn: number,
  { model, durationMs, costUsd }: Extract<RunEvent, { type: 'model.turn' }>,
): string {
  return `Turn ${turn}: ${model} answered in ${durationText(durationMs)}, ${costText(costUsd)}`
}

function failure(
  code: string,
  message: string,
  { thinking, totals }: { readonly thinking: ThinkingLog; readonly totals: RunTotals },
): Fields {
  return {
    type: 'error',
    code,
    message,
    telemetry: telemetry(thinking, totals),
    extra_data: { outcome: null, pr_url: null, ...wireTotals(totals) },
  }
}

function telemetry(thinking: ThinkingLog, totals: RunTotals): object {
  return {
    thinking_logs_count: thinking.count(),
    langsmith_enabled: totals.langsmithEnabled,
    recent_thoughts: thinking.recent(),
  }
}

function unreachable(event: never): never {
  throw new Error(`no frame for ${JSON.stringify(event)}`)
}
