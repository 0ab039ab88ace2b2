import type { PlanItem } from '../../agent/agent-event.ts'
import { type Ending, endingOf } from '../ending.ts'
import type { RunEvent, Step } from '../run-event.ts'
import { compactedText } from './sentences.ts'

/** What the progress comment shows, folded from a run's events. */
export interface ProgressState {
  /** Number of the last event that is in it; 0 at the beginning. */
  readonly seq: number
  /** Place in the queue when it was asked for; null once it runs. */
  readonly position: number | null
  /** ISO 8601; null until it runs. */
  readonly startedAt: string | null
  readonly attempt: number
  readonly steps: readonly ProgressStep[]
  readonly plan: readonly PlanItem[]
  /** What the agent is doing at the moment: `bash npm test`. */
  readonly tool: string | null
  readonly turns: number
  readonly toolCalls: number
  /** Dollars so far of the turns whose price is known. */
  readonly costUsd: number
  readonly costIncomplete: boolean
  /** The last few warnings and changes of model. */
  readonly notices: readonly string[]
  /** What people added, and the agent was told. */
  readonly added: readonly Addition[]
  readonly end: Ending | null
}

export interface Addition {
  readonly author: string
  readonly text: string
}

export interface ProgressStep {
  readonly step: Step
  readonly status: 'running' | 'ok' | 'failed' | 'skipped'
  readonly message: string
  readonly durationMs: number
}

export const NO_PROGRESS: ProgressState = {
  seq: 0,
  position: null,
  startedAt: null,
  attempt: 0,
  steps: [],
  plan: [],
  tool: null,
  turns: 0,
  toolCalls: 0,
  costUsd: 0,
  costIncomplete: false,
  notices: [],
  added: [],
  end: null,
}

const MOST_NOTICES = 5
const MOST_ADDED = 10

/** Adds one event. Events must come in order and each once. */
export function foldProgress(before: ProgressState, event: RunEvent): ProgressState {
  const state: ProgressState = { ...before, seq: event.seq }
  switch (event.type) {
    case 'run.queued':
      return { ...state, position: event.position }
    case 'run.started':
      return {
        ...state,
        position: null,
        startedAt: state.startedAt ?? event.at,
        attempt: event.attempt,
        tool: null,
      }
    case 'step.started':
      return withStep(state, { step: event.step, status: 'running', message: event.message, durationMs: 0 })
    case 'step.finished': {
      const { step, status, message, durationMs } = event
      return { ...withStep(state, { step, status, message, durationMs }), tool: null }
    }
    case 'agent.plan':
      return { ...state, plan: event.items }
    case 'agent.note': {
      const { author, text } = event
      return { ...state, added: [...state.added, { author, text }].slice(-MOST_ADDED) }
    }
    case 'tool.started':
      return { ...state, tool: event.title }
    case 'tool.finished':
      return { ...state, tool: null, toolCalls: state.toolCalls + 1 }
    case 'model.turn':
      return {
        ...state,
        turns: state.turns + 1,
        costUsd: state.costUsd + (event.costUsd ?? 0),
        costIncomplete: state.costIncomplete || event.costUsd === null,
      }
    case 'model.switched':
      return withNotice(state, `${event.from} is out (${event.reason}); ${event.to} goes on`)
    case 'context.compacted':
      return withNotice(state, compactedText(event))
    case 'notice':
    case 'agent.notice':
      return event.level === 'warning' ? withNotice(state, event.message) : state
    case 'run.succeeded':
    case 'run.failed':
    case 'run.cancelled':
      return { ...state, end: endingOf(event) }
    case 'agent.message':
    case 'model.retried':
    case 'finish.reviewed':
    case 'checks.finished':
    case 'changes.collected':
      return state
  }
}

/** A step that is done again after a restart replaces its earlier self. */
function withStep(state: ProgressState, step: ProgressStep): ProgressState {
  return { ...state, steps: [...state.steps.filter((other) => other.step !== step.step), step] }
}

function withNotice(state: ProgressState, notice: string): ProgressState {
  return { ...state, notices: [...state.notices, notice].slice(-MOST_NOTICES) }
}
