import type { RunEvent, Step, StepFinishedEvent } from '../../run-event.ts'

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>

/** One entry of a run's story: events that belong together, at the place of the first of them. */
export interface StoryEntry {
  /** Number of its first event; stays the same when the entry changes. */
  readonly id: number
  /** The last event that changed it. */
  readonly last: number
  /** When it began, ISO 8601. */
  readonly at: string
  readonly body: EntryBody
}

export type EntryBody = StepBody | TurnBody | LineBody

/** A step, from its start to its end, with the results that it had. */
export interface StepBody {
  readonly kind: 'step'
  readonly step: Step
  /** `noted`: results without the start and the end of their step. */
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
  /** Its attempt ended before it did. */
  readonly interrupted: boolean
}

export interface LineBody {
  readonly kind: 'line'
  readonly level: 'info' | 'good' | 'warning' | 'bad'
  readonly text: string
  /** A person or an agent wrote it, in Markdown. */
  readonly prose: boolean
}

/** In a word: what a tool call came to. */
export function toolState({ finished, interrupted }: Pick<ToolPart, 'finished' | 'interrupted'>): string {
  if (finished === null) return interrupted ? 'interrupted' : 'running'
  if (finished.status !== 'ok') return finished.status
  const { detail } = finished
  return detail.kind === 'bash' && detail.exitCode !== 0 ? `exit ${detail.exitCode}` : 'ok'
}
