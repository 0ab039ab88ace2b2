import type { RunLog } from '../../runs/log/run-log.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import { foldRun, NO_EVENTS, type RunState } from '../../runs/summary/run-state.ts'
import { buildEntry } from '../../runs/summary/story/build-entry.ts'
import { createStory, type Story } from '../../runs/summary/story/create-story.ts'
import type { StoryEntry } from '../../runs/summary/story/story-entry.ts'
import { foldCurve, NO_CURVE, type UsageCurve } from '../../runs/summary/usage-curve.ts'
import { breathe } from '../../time/breathe.ts'
import type { ShowEvent } from '../stream/show-event.ts'

/** The state of one run, derived from its masked events. Adding an event takes the same time however many came before. */
export interface RunFold {
  readonly state: RunState
  readonly curve: UsageCurve
  readonly story: Omit<Story, 'add'>
  /** Adds the events that the log has and this fold does not. */
  catchUp(): Promise<void>
  /** Adds one event, unless it has already been added. */
  add(event: RunEvent): Promise<void>
  /** The state after an event. */
  stateAt(seq: number): Promise<RunState>
  /** Complete entries of the story, by index, as of an event; default: as of the last one. */
  entries(indexes: readonly number[], upto?: number): Promise<readonly StoryEntry[]>
}

interface RunFoldDeps {
  readonly log: Pick<RunLog, 'read'>
  readonly show: ShowEvent
}

/** Number of events between two stored states, so that a state in between is quickly computed. */
const SNAPSHOT_EVERY = 500
/** Most events, and characters of their text, that are kept whole for readers, who mostly look at the end. */
const MOST_RECENT = 400
const MOST_RECENT_CHARACTERS = 1024 * 1024
/** Events whose numbers are at most this far apart are read in one query. */
const NEAR = 40

export function createRunFold(runId: string, { log, show }: RunFoldDeps): RunFold {
  const story = createStory()
  const snapshots: RunState[] = [NO_EVENTS]
  const recent = new Map<number, RunEvent>()
  let characters = 0
  let state = NO_EVENTS
  let curve = NO_CURVE
  let catching: Promise<void> | undefined
  let next: Promise<void> | undefined

  function fold(event: RunEvent): void {
    if (event.seq <= state.seq) return
    state = foldRun(state, event)
    curve = foldCurve(curve, event)
    story.add(event)
    if (state.events % SNAPSHOT_EVERY === 0) snapshots.push(state)
  }

  function keep(event: RunEvent): void {
    if (recent.has(event.seq)) return
    recent.set(event.seq, event)
    characters += textLength(event)
    for (const [seq, oldest] of recent) {
      if (recent.size <= MOST_RECENT && characters <= MOST_RECENT_CHARACTERS) break
      recent.delete(seq)
      characters -= textLength(oldest)
    }
  }

  /** The event without the text that only its entry shows. What remains of most events needs no masking. */
  async function shownBriefly(event: RunEvent): Promise<RunEvent> {
    return withoutText(event) ?? (await show(event))
  }

  async function readOn(): Promise<void> {
    for (;;) {
      const page = await log.read(runId, state.seq)
      if (page.length === 0) return
      for (const event of page) {
        fold(await shownBriefly(event))
        await breathe()
      }
    }
  }

  function begin(): Promise<void> {
    next = undefined
    catching = readOn().finally(() => {
      catching = undefined
    })
    return catching
  }

  /** Events by number, whole. */
  async function eventsOf(seqs: readonly number[]): Promise<ReadonlyMap<number, RunEvent>> {
    const found = new Map<number, RunEvent>()
    const missing: number[] = []
    for (const seq of seqs) {
      const event = recent.get(seq)
      if (event) found.set(seq, event)
      else missing.push(seq)
    }
    for (const { from, to } of rangesOf(missing.toSorted((a, b) => a - b))) {
      for (let after = from - 1; after < to; ) {
        const page = await log.read(runId, after, to - after)
        for (const event of page) {
          if (event.seq > to) break
          const shown = await show(event)
          found.set(event.seq, shown)
          keep(shown)
        }
        after = page.at(-1)?.seq ?? to
      }
    }
    return found
  }

  return {
    get state() {
      return state
    },
    get curve() {
      return curve
    },
    story,
    // A read in progress may already have passed the end, so callers that arrive meanwhile share one more read.
    catchUp() {
      if (catching === undefined) return begin()
      next ??= catching.catch(() => undefined).then(begin)
      return next
    },
    async add(event) {
      const shown = await show(event)
      fold(shown)
      keep(shown)
    },
    async stateAt(seq) {
      if (seq >= state.seq) return state
      let at = snapshots.findLast((snapshot) => snapshot.seq <= seq) ?? NO_EVENTS
      while (at.seq < seq) {
        const page = await log.read(runId, at.seq, seq - at.seq)
        const events = page.filter((event) => event.seq <= seq)
        if (events.length === 0) return at
        for (const event of events) at = foldRun(at, await shownBriefly(event))
      }
      return at
    },
    async entries(indexes, upto = Number.POSITIVE_INFINITY) {
      const outlines = indexes.flatMap((index) => story.outline[index] ?? [])
      const events = await eventsOf(outlines.flatMap((outline) => outline.events))
      const { checks } = state
      return outlines.flatMap(({ events: seqs, last, interrupted, over }) => {
        const own = seqs.flatMap((seq) => (seq <= upto && events.get(seq)) || [])
        const entry = buildEntry(own, {
          checks,
          interrupted: interrupted && last <= upto,
          over: over && last <= upto,
        })
        return entry ? [{ ...entry, last }] : []
      })
    },
  }
}

/** Drops the output of tools and the words of models, which are most of a log's text. They are read again when shown. */
function withoutText(event: RunEvent): RunEvent | undefined {
  switch (event.type) {
    case 'agent.message':
      return { ...event, text: '' }
    case 'model.turn':
      return event
    case 'tool.finished': {
      const { detail } = event
      const exitCode = detail.kind === 'bash' ? detail.exitCode : 0
      return { ...event, title: '', detail: { kind: 'bash', command: '', output: '', exitCode } }
    }
    default:
      return undefined
  }
}

function rangesOf(seqs: readonly number[]): readonly { readonly from: number; readonly to: number }[] {
  const ranges: { from: number; to: number }[] = []
  for (const seq of seqs) {
    const last = ranges.at(-1)
    if (last && seq - last.to < NEAR) last.to = seq
    else ranges.push({ from: seq, to: seq })
  }
  return ranges
}

function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (value === null || typeof value !== 'object') return 8
  return Object.values(value).reduce<number>((sum, item) => sum + textLength(item), 0)
}

/** Leaves out large parts that the readers already have, so that they are not sent to the drawing thread again. */
export function withoutOld(state: RunState, after: number): RunState {
  const { changes, setup, checks } = state
  const isOld = (part: { readonly seq: number } | null) => part !== null && part.seq <= after
  return {
    ...state,
    changes: isOld(changes) ? null : changes,
    setup: isOld(setup) ? null : setup,
    checks:
      isOld(checks.before) && isOld(checks.after) && isOld(checks.verification)
        ? { before: null, after: null, verification: null }
        : checks,
  }
}
