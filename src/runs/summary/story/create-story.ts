import { isTerminalEvent, type RunEvent, type Step } from '../../run-event.ts'
import { stepOfEvent } from './build-entry.ts'

/** Which events make up one entry. `buildEntry` builds the entry from them. */
export interface EntryOutline {
  /** Number of the entry's first event. */
  readonly id: number
  /** Number of the last event that changed the entry. */
  readonly last: number
  /** Numbers of the entry's events, in order. */
  readonly events: readonly number[]
  readonly interrupted: boolean
  /** True for the start of a step whose end has an entry of its own. */
  readonly over: boolean
}

/** The outline of a run's story. It grows event by event and keeps only a few numbers for each. */
export interface Story {
  /** Adds one event. Events must come in order, each once. */
  add(event: RunEvent): void
  readonly outline: readonly EntryOutline[]
  /** Index of the entry that an event belongs to. An event without an entry counts as part of the one before it. */
  indexOf(seq: number): number
  /** Number of the last event that failed. */
  lastFailure(): number | undefined
}

/** Limits the size of an entry, so that sending a changed one stays cheap. */
const MOST_PARTS = 20

interface OpenEntry {
  readonly index: number
  /** What the entry has so far. A turn without words waits for them, and words without a turn wait for that. */
  hasTurn: boolean
  hasWords: boolean
  tools: number
}

export function createStory(): Story {
  const outline: EntryOutline[] = []
  /** Index of the entry of each event, by number of the event. */
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

  /** When an attempt ends, the steps and tool calls that it began end with it. */
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
    // The turns of the agent lie between the start and the end of its step, so the end gets an entry of its own.
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
