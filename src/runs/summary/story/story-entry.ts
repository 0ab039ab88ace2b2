import type { RunEvent, Step, StepFinishedEvent } from '../../run-event.ts'

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>

/** One entry of a run's story: events that belong together, placed where the first of them is. */
export interface StoryEntry {
  /** Number of the entry's first event. It stays the same when the entry changes. */
  readonly id: number
  /** Number of the last event that changed the entry. */
  readonly last: number
  /** Time of the first event, ISO 8601. */
  readonly at: string
  readonly body: EntryBody
}

export type EntryBody = StepBody | TurnBody | LineBody

/** A step from its start to its end, with its results. */
export interface StepBody {
  readonly kind: 'step'
  readonly step: Step
  /** `noted`: there are results, but neither the start nor the end of their step. */
  readonly state: 'running' | 'interrupted' | 'noted' | StepFinishedEvent['status']
  readonly text: string
  readonly durationMs: number | null
}

/** What the agent said and did in one turn. */
export interface TurnBody {
  readonly kind: 'turn'
  readonly turn: EventOf<'model.turn'> | null
  readonly parts: readonly TurnPart[]
}

export type TurnPart =
  | { readonly kind: 'words'; readonly seq: number; readonly text: string }
  | { readonly kind: 'plan'; readonly seq: number; readonly text: string }
  | ToolPart

export interface ToolPart {
  readonly kind: 'tool'
  readonly seq: number
  readonly callId: string
  readonly title: string
  readonly finished: EventOf<'tool.finished'> | null
  /** Whether the attempt ended before the tool call did. */
  readonly interrupted: boolean
}

export interface LineBody {
  readonly kind: 'line'
  readonly level: 'info' | 'good' | 'warning' | 'bad'
  readonly text: string
  /** True for Markdown that a person or an agent wrote. */
  readonly prose: boolean
}

/** The state of a tool call, in a word. */
export function toolState({ finished, interrupted }: Pick<ToolPart, 'finished' | 'interrupted'>): string {
  if (finished === null) return interrupted ? 'interrupted' : 'running'
  if (finished.status !== 'ok') return finished.status
  const { detail } = finished
  return detail.kind === 'bash' && detail.exitCode !== 0 ? `exit ${detail.exitCode}` : 'ok'
}
