import { isTerminalEvent, type RunEvent, type Step } from '../../run-event.ts'
import { stepOfEvent } from './build-entry.ts'

/** Where the events of one entry are; `buildEntry` makes the entry of them. */
export interface EntryOutline {
  /** Number of its first event. */
  readonly id: number
  /** The last event that changed it. */
  readonly last: number
  /** Numbers of its events, in order. */
  readonly events: readonly number[]
  readonly interrupted: boolean
  /** The start of a step that has ended elsewhere. */
  readonly over: boolean
}

/** The outline of a run's story, which grows event by event: a few numbers for each. */
export interface Story {
  /** Adds one event. Events must come in order and each once. */
  add(event: RunEvent): void
  readonly outline: readonly EntryOutline[]
  /** Index of the entry that an event belongs to; of the last one before it, if it has none. */
  indexOf(seq: number): number
  /** Number of the last event that failed. */
  lastFailure(): number | undefined
}

/** So that a change of an entry stays small. */
const MOST_PARTS = 20

interface OpenEntry {
  readonly index: number
  /** What the entry has so far: a turn alone waits for its words, and words alone for their turn. */
  hasTurn: boolean
  hasWords: boolean
  tools: number
}

export function createStory(): Story {
  const outline: EntryOutline[] = []
  /** By number of the event. */
  const owners: number[] = []
  const steps = new Map<Step, number>()
  const tools = new Map<string, number>()
  let open: OpenEntry | undefined
  let failure: number | undefined

  function begin(event: RunEvent): number {
    open = undefined
    const { seq } = event
    outline.push({ id: seq, last: seq, events: [seq], interrupted: false, over: false })
    return outline.length - 1
  }

  function addTo(index: number, event: RunEvent): number {
    const entry = outline[index]
    if (entry === undefined) return begin(event)
    outline[index] = {
      ...entry,
      last: event.seq,
      events: [...entry.events, event.seq],
    }
    return index
  }

  /** Nothing outlives the attempt that began it. */
  function interruptAll({ seq }: RunEvent): void {
    for (const index of [...steps.values(), ...tools.values()]) {
      const entry = outline[index]
      if (entry) outline[index] = { ...entry, last: seq, interrupted: true }
    }
    steps.clear()
    tools.clear()
  }

  function placeStep(event: RunEvent, step: Step): number {
    const begun = event.type === 'step.started' ? undefined : steps.get(step)
    // The agent's turns lie between its start and its end, so its end has a place of its own.
    const ends = event.type === 'step.finished'
    const isApart = begun === undefined || (ends && step === 'agent' && begun !== outline.length - 1)
    const index = isApart ? begin(event) : addTo(begun, event)
    const start = isApart && begun !== undefined ? outline[begun] : undefined
    if (start !== undefined && begun !== undefined) outline[begun] = { ...start, last: event.seq, over: true }
    open = undefined
    if (ends) steps.delete(step)
    else steps.set(step, index)
    return index
  }

  function placeInTurn(event: RunEvent): number {
    const fits =
      open !== undefined &&
      (event.type === 'model.turn'
        ? !open.hasTurn && open.tools === 0
        : event.type === 'agent.message'
          ? !open.hasWords && open.tools === 0
          : open.tools < MOST_PARTS)
    const current = fits && open ? open : { index: begin(event), hasTurn: false, hasWords: false, tools: 0 }
    if (fits) addTo(current.index, event)
    if (event.type === 'model.turn') current.hasTurn = true
    else if (event.type === 'agent.message') current.hasWords = true
    else current.tools++
    open = current
    if (event.type === 'tool.started') tools.set(event.callId, current.index)
    return current.index
  }

  function place(event: RunEvent): number {
    const step = stepOfEvent(event)
    if (step !== undefined) return placeStep(event, step)
    switch (event.type) {
      case 'tool.finished': {
        const begun = tools.get(event.callId)
        tools.delete(event.callId)
        return begun === undefined ? placeInTurn(event) : addTo(begun, event)
      }
      case 'model.turn':
      case 'agent.message':
      case 'agent.plan':
      case 'tool.started':
        return placeInTurn(event)
      case 'run.started':
        interruptAll(event)
        return begin(event)
      default:
        if (isTerminalEvent(event) || event.type === 'run.paused') interruptAll(event)
        return begin(event)
    }
  }

  return {
    outline,
    lastFailure: () => failure,
    add(event) {
      if (hasFailed(event)) failure = event.seq
      owners[event.seq] = place(event)
    },
    indexOf(seq) {
      const last = outline.at(-1)
      if (last === undefined) return 0
      if (seq > last.last) return outline.length - 1
      for (let at = Math.floor(seq); at > 0; at--) {
        const owner = owners[at]
        if (owner !== undefined) return owner
      }
      return 0
    },
  }
}

function hasFailed(event: RunEvent): boolean {
  switch (event.type) {
    case 'tool.finished':
      return event.status === 'error' || (event.detail.kind === 'bash' && event.detail.exitCode !== 0)
    case 'step.finished':
      return event.status === 'failed'
    case 'checks.finished':
      return event.results.some(({ exitCode }) => exitCode !== 0)
    case 'setup.finished':
      return event.reason !== undefined
    case 'run.failed':
      return true
    default:
      return false
  }
}
