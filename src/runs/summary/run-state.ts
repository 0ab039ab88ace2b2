import type { FollowUpEvent, PlanItem } from '../../agent/agent-event.ts'
import { type Ending, endingOf } from '../ending.ts'
import {
  type ChangesCollectedEvent,
  type ChecksFinishedEvent,
  type RunEvent,
  type RunQueuedEvent,
  type SetupFinishedEvent,
  STEPS,
  type Step,
  type StepFinishedEvent,
  type VerificationFinishedEvent,
} from '../run-event.ts'
import { foldUsage, NO_RUN_USAGE, type RunUsage } from './run-usage.ts'
import { checksText, pausedText, sentenceOf } from './sentences.ts'
import { verdictOf } from './verdict.ts'

/**
 * What the events of a run add up to, up to some event. The thread, the pages, the stream and the terminal all show it.
 */
export interface RunState {
  /** Number of the last event that was added; 0 before the first. */
  readonly seq: number
  /** How many events were added: fewer than `seq` if old events were deleted. */
  readonly events: number
  /** When the first attempt began, ISO 8601; null before that. */
  readonly startedAt: string | null
  readonly queued: RunQueuedEvent | null
  /** The operator's reason for pausing this run; null when it may go on. */
  readonly paused: string | null
  readonly attempt: number
  /** The steps that have begun, in the order in which they last began. */
  readonly steps: readonly StepState[]
  readonly setup: (SetupFinishedEvent & { readonly seq: number }) | null
  /** The last result of each phase, and the last verification. */
  readonly checks: ChecksState
  readonly plan: readonly PlanItem[]
  /** The tool calls that are running. */
  readonly tools: readonly { readonly callId: string; readonly title: string }[]
  readonly usage: RunUsage
  /** The last few warnings, changes of the model, and compactions. */
  readonly notices: readonly string[]
  /** The last few follow-ups of people that the agent has read. */
  readonly followUps: readonly FollowUpEvent[]
  readonly changes: (ChangesCollectedEvent & { readonly seq: number }) | null
  readonly ending: Ending | null
}

export interface StepState {
  readonly step: Step
  readonly state: 'waiting' | 'running' | 'ok' | 'failed' | 'skipped' | 'interrupted' | 'not_reached'
  readonly message: string
  /** ISO 8601; null unless the step is running. */
  readonly startedAt: string | null
  /** Null until the step has finished. */
  readonly durationMs: number | null
}

export interface ChecksState {
  readonly before: (ChecksFinishedEvent & { readonly seq: number }) | null
  readonly after: (ChecksFinishedEvent & { readonly seq: number }) | null
  readonly verification: (VerificationFinishedEvent & { readonly seq: number }) | null
}

export const NO_CHECKS: ChecksState = { before: null, after: null, verification: null }

export const NO_EVENTS: RunState = {
  seq: 0,
  events: 0,
  startedAt: null,
  queued: null,
  paused: null,
  attempt: 0,
  steps: [],
  setup: null,
  checks: NO_CHECKS,
  plan: [],
  tools: [],
  usage: NO_RUN_USAGE,
  notices: [],
  followUps: [],
  changes: null,
  ending: null,
}

const MOST_NOTICES = 5
const MOST_FOLLOW_UPS = 10

export function foldEvents(events: readonly RunEvent[]): RunState {
  return events.reduce(foldRun, NO_EVENTS)
}

/** Adds one event. Events must come in order, each once. */
export function foldRun(before: RunState, event: RunEvent): RunState {
  const state: RunState = {
    ...before,
    seq: event.seq,
    events: before.events + 1,
    usage: foldUsage(before.usage, event),
  }
  switch (event.type) {
    case 'run.queued':
      return { ...state, queued: event }
    case 'run.paused': {
      const steps = state.steps.map((step) => stopped(step, 'interrupted'))
      return { ...state, paused: event.reason, steps, tools: [] }
    }
    case 'run.started': {
      const steps = state.steps.map((step) => stopped(step, 'interrupted'))
      const { at, attempt } = event
      return { ...state, startedAt: state.startedAt ?? at, attempt, paused: null, steps, tools: [] }
    }
    case 'step.started': {
      const { step, message, at } = event
      return withStep(state, { step, state: 'running', message, startedAt: at, durationMs: null })
    }
    case 'step.finished': {
      const { step, status, message, durationMs } = judgeStep(event, state.checks)
      return { ...withStep(state, { step, state: status, message, startedAt: null, durationMs }), tools: [] }
    }
    case 'setup.finished':
      return { ...state, setup: event }
    case 'checks.finished':
    case 'verification.finished':
      return { ...state, checks: foldChecks(state.checks, event) }
    case 'changes.collected':
      return { ...state, changes: event }
    case 'agent.plan':
      return { ...state, plan: event.items }
    case 'agent.note':
      return { ...state, followUps: [...state.followUps, event].slice(-MOST_FOLLOW_UPS) }
    case 'tool.started': {
      const { callId, title } = event
      return { ...state, tools: [...state.tools, { callId, title }] }
    }
    case 'tool.finished':
      return { ...state, tools: state.tools.filter(({ callId }) => callId !== event.callId) }
    case 'model.switched':
    case 'context.compacted':
      return withNotice(state, sentenceOf(event))
    case 'notice':
    case 'agent.notice':
      return event.level === 'warning' ? withNotice(state, sentenceOf(event)) : state
    case 'run.succeeded':
    case 'run.failed':
    case 'run.cancelled': {
      // A failed run failed in the step that was running.
      const last = event.type === 'run.failed' ? 'failed' : 'interrupted'
      return {
        ...state,
        steps: state.steps.map((step) => stopped(step, last)),
        tools: [],
        ending: endingOf(event),
      }
    }
    case 'agent.message':
    case 'model.turn':
    case 'model.retried':
    case 'finish.reviewed':
      return state
  }
}

/** Keeps the last result of each phase, and the last verification. */
export function foldChecks(checks: ChecksState, event: RunEvent): ChecksState {
  switch (event.type) {
    case 'checks.finished':
      return { ...checks, [event.phase]: event }
    case 'verification.finished':
      return { ...checks, verification: event }
    default:
      return checks
  }
}

/**
 * Makes the end of a step say how it really went. For the steps that run checks, the stored status says only that the
 * checks ran; how they went is in `checks.finished` and `verification.finished`, and only exit code 0 may read as
 * passed.
 */
export function judgeStep<Event extends StepFinishedEvent>(event: Event, checks: ChecksState): Event {
  const { step, status, durationMs } = event
  if (step === 'verify' && status !== 'failed' && checks.verification) {
    const { tone, line } = verdictOf(checks.verification.verification)
    return { ...event, status: STATUS_OF_TONE[tone], message: line }
  }
  if ((step !== 'baseline' && step !== 'checks') || status === 'failed') return event
  const results = (step === 'baseline' ? checks.before : checks.after)?.results
  if (results === undefined) return { ...event, status: 'skipped' }
  // If nothing has changed since the finish gate, the step takes over the results of the gate and has hardly a time of
  // its own. The time of the checks is shown instead.
  const checksMs = results.reduce((sum, result) => sum + result.durationMs, 0)
  return {
    ...event,
    status: statusOfChecks(results),
    message: checksText(results),
    durationMs: Math.max(durationMs, checksMs),
  }
}

const STATUS_OF_TONE = { good: 'ok', neutral: 'skipped', bad: 'failed' } as const

function statusOfChecks(results: ChecksFinishedEvent['results']): StepFinishedEvent['status'] {
  if (results.length === 0) return 'skipped'
  return results.every(({ exitCode }) => exitCode === 0) ? 'ok' : 'failed'
}

function stopped(step: StepState, state: StepState['state']): StepState {
  return step.state === 'running' ? { ...step, state, startedAt: null } : step
}

/** A step that runs again after a restart takes the place of its first run. */
function withStep(state: RunState, step: StepState): RunState {
  return { ...state, steps: [...state.steps.filter((other) => other.step !== step.step), step] }
}

function withNotice(state: RunState, notice: string): RunState {
  return { ...state, notices: [...state.notices, notice].slice(-MOST_NOTICES) }
}

/** True once the events between the first and the last are deleted because of their age. */
export function isPruned({ ending, events, seq }: RunState): boolean {
  return ending !== null && events < seq
}

/** Every step that a run may have, in order. */
export function allSteps({ steps, ending }: RunState): readonly StepState[] {
  const absent = { message: '', startedAt: null, durationMs: null }
  const has = (step: Step) => steps.some((begun) => begun.step === step)
  // A run has either `checks` or `verify`.
  const other = has('checks') && !has('verify') ? 'verify' : 'checks'
  return STEPS.filter((step) => step !== other || has(step)).map((step) => {
    const begun = steps.find((candidate) => candidate.step === step)
    return begun ?? { ...absent, step, state: ending ? 'not_reached' : 'waiting' }
  })
}

/** What the run is doing, in one line; empty once the run has ended. */
export function currentLine({ ending, paused, steps, tools, queued, startedAt, attempt }: RunState): string {
  if (ending !== null) return ''
  if (paused !== null) return pausedText(paused)
  const step = steps.find(({ state }) => state === 'running')
  if (step) return tools.at(-1)?.title ?? step.message
  if (startedAt !== null) return sentenceOf({ type: 'run.started', attempt })
  return queued === null ? '' : sentenceOf(queued)
}
