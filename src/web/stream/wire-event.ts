import type { RunEvent, RunEventBody, Step } from '../../runs/run-event.ts'
import { foldChecks, judgeStep, NO_CHECKS } from '../../runs/summary/run-state.ts'
import { sentenceOf } from '../../runs/summary/sentences.ts'
import { foldThoughts, NO_THOUGHTS, type Thoughts } from '../../runs/summary/thoughts.ts'
import { wireVerification } from './verification-frame.ts'
import { wireCheck, wireCommand, wireTelemetry, wireTool, wireTotals, wireTurn } from './wire-fields.ts'
import type { FrameBody, WireEvent } from './wire-schema.ts'

export type ToWire = (event: RunEvent) => WireEvent

/** Percent at the start and at the end of each step. */
const PROGRESS: Readonly<Record<Step, readonly [number, number]>> = {
  sandbox: [2, 8],
  clone: [8, 15],
  setup: [15, 25],
  baseline: [25, 35],
  agent: [35, 75],
  collect: [75, 78],
  checks: [78, 85],
  gate: [85, 88],
  verify: [88, 88],
  publish: [88, 93],
  pull_request: [93, 97],
  report: [97, 99],
}

/**
 * Maps the masked events of one run to its frames: one frame for each event, with the same seq. The mapper keeps
 * counts, so give it every event from seq 1, also when a stream resumes: only then are the resumed frames the same,
 * byte for byte, as those of a stream that was never cut.
 */
export function createWireMapper(): ToWire {
  let thoughts = NO_THOUGHTS
  let checks = NO_CHECKS
  let progress = 0
  return (event) => {
    checks = foldChecks(checks, event)
    // Existing clients expect `ok` for a checks step that ran, so only the message says whether the checks passed.
    const judged = event.type === 'step.finished' ? judgeStep(event, checks) : event
    const message = sentenceOf(judged)
    progress = Math.max(progress, progressOf(event))
    const frame = frameOf(event, { message, progress, thoughts })
    thoughts = foldThoughts(thoughts, judged)
    return { seq: event.seq, runId: event.runId, at: event.at, ...frame }
  }
}

function progressOf(event: RunEventBody): number {
  switch (event.type) {
    case 'run.started':
      return 1
    case 'step.started':
      return PROGRESS[event.step][0]
    case 'step.finished':
      return PROGRESS[event.step][1]
    case 'model.turn':
      // The number of turns is unknown, so each brings the bar closer to the end of the step without reaching it.
      return Math.round(75 - 40 * 0.94 ** event.turn)
    default:
      return 0
  }
}

interface FrameContext {
  readonly message: string
  readonly progress: number
  readonly thoughts: Thoughts
}

function frameOf(event: RunEventBody, { message, progress, thoughts }: FrameContext): FrameBody {
  const info = { type: 'info', message } as const
  switch (event.type) {
    case 'run.queued': {
      const { repository, position, runUrl, eventsUrl } = event
      return { ...info, step: 'queued', progress, repository, position, runUrl, eventsUrl }
    }
    case 'run.paused':
      return { ...info, step: 'paused', progress, reason: event.reason }
    case 'run.started':
      return { ...info, step: 'claimed', progress, attempt: event.attempt }
    case 'step.started':
      return { ...info, step: event.step, progress, status: 'started', agent: event.agent }
    case 'step.finished':
      return { ...info, step: event.step, progress, status: event.status, duration_ms: event.durationMs }
    case 'setup.finished':
      return {
        ...info,
        step: 'setup',
        progress,
        commands: event.results.map(wireCommand),
        reason: event.reason,
        cache: event.cache && { result: event.cache.result, saved_ms: event.cache.savedMs },
      }
    case 'checks.finished': {
      const step = event.phase === 'before' ? 'baseline' : 'checks'
      return { ...info, step, progress, phase: event.phase, checks: event.results.map(wireCheck) }
    }
    case 'verification.finished':
      return { ...info, step: 'verify', progress, ...wireVerification(event.verification) }
    case 'changes.collected':
      return { ...info, step: 'collect', progress, files: event.files, diff: event.diff }
    case 'notice':
      return { ...info, step: 'notice', progress, level: event.level }
    case 'agent.notice':
      return { ...info, step: 'agent', progress, level: event.level, agent: event.agent }
    case 'agent.message':
      return { type: 'AI Message', message }
    case 'agent.note':
      return { ...info, step: 'agent', progress, author: event.author, note: event.text }
    case 'agent.plan':
      return { ...info, step: 'agent', progress, plan: event.items }
    case 'context.compacted': {
      const { number, summaryBy, tokensBefore, tokensAfter } = event
      const compaction = { number, summaryBy, tokensBefore, tokensAfter }
      return { ...info, step: 'agent', progress, compaction }
    }
    case 'tool.started':
      return {
        ...info,
        step: 'agent',
        progress,
        status: 'started',
        tool: event.tool,
        call_id: event.callId,
      }
    case 'tool.finished':
      return wireTool(event, message)
    case 'model.turn':
      return { ...info, step: 'agent', progress, ...wireTurn(event) }
    case 'model.retried':
      return {
        ...info,
        step: 'agent',
        progress,
        level: 'warning',
        model: event.model,
        attempt: event.attempt,
        error_class: event.errorClass,
        wait_ms: event.waitMs,
      }
    case 'model.switched':
      return {
        ...info,
        step: 'agent',
        progress,
        level: 'warning',
        from: event.from,
        to: event.to,
        error_class: event.errorClass,
      }
    case 'finish.reviewed': {
      const { claim, verdict, durationMs } = event
      return { ...info, step: 'agent', progress, claim, verdict, duration_ms: durationMs }
    }
    case 'run.succeeded':
      return {
        type: 'success',
        message,
        telemetry: wireTelemetry(thoughts, event.totals.langsmithEnabled),
        extra_data: {
          outcome: event.outcome,
          pr_url: event.pullRequestUrl,
          comment_url: event.commentUrl,
          draft: event.draft,
          ...wireTotals(event.totals),
        },
      }
    case 'run.failed':
    case 'run.cancelled':
      return {
        type: 'error',
        message,
        code: event.type === 'run.cancelled' ? 'cancelled' : event.code,
        telemetry: wireTelemetry(thoughts, event.totals.langsmithEnabled),
        extra_data: { outcome: null, pr_url: null, ...wireTotals(event.totals) },
      }
  }
}
