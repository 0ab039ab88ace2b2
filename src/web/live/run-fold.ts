import type { RunLog } from '../../runs/log/run-log.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import { foldRun, NO_EVENTS, type RunState } from '../../runs/summary/run-state.ts'
import { buildEntry } from '../../runs/summary/story/build-entry.ts'
import { createStory, type Story } from '../../runs/summary/story/create-story.ts'
import type { StoryEntry } from '../../runs/summary/story/story-entry.ts'
import { foldCurve, NO_CURVE, type UsageCurve } from '../../runs/summary/usage-curve.ts'
import { breathe } from '../../time/breathe.ts'
import type { ShowEvent } from '../stream/show-event.ts'

/** What the events of one run mean so far, as they may be shown. A new event costs the same however many came before. */
export interface RunFold {
  readonly state: RunState
  readonly curve: UsageCurve
  readonly story: Omit<Story, 'add'>
  /** Adds what the log has and this has not. */
  catchUp(): Promise<void>
  /** Adds one event, unless it is there already. */
  add(event: RunEvent): Promise<void>
  /** The state after an event. */
  stateAt(seq: number): Promise<RunState>
  /** Entries of the story by index, whole, as they were after an event; default: as they are. */
  entries(indexes: readonly number[], upto?: number): Promise<readonly StoryEntry[]>
}

interface RunFoldDeps {
  readonly log: Pick<RunLog, 'read'>
  readonly show: ShowEvent
}

/** Events between two states that are kept, so that a state in between is soon found. */
const SNAPSHOT_EVERY = 500
/** Events that are kept whole, and characters of their text, for the readers who all look at the end. */
const MOST_RECENT = 400
const MOST_RECENT_CHARACTERS = 1024 * 1024
/** Numbers that lie closer to each other are read at once. */
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

  /** An event without what only its entry shows; what is left of most has nothing to mask. */
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
    // A reading under way may have passed the end already, so who asks meanwhile waits for one more, together.
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

/** What tools printed and models said is most of a log's text, and is read again for the entries that are shown. */
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

/** Large parts that the readers have are not carried to the drawing again. */
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
