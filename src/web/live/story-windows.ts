import type { StoryWindow } from '../pages/story-part.ts'
import type { RunFold } from './run-fold.ts'

/** Number of entries on a new page, and in each step up or down. */
const ENTRIES = 40
/** How many of them come before the entry that the reader asked for. */
const BEFORE = 15
/** How many entries back changes are looked for. An older entry that still changes is updated when the page is reloaded. */
const LOOK_BACK = 200

/** The entries that a reader asks for. All values are numbers of events. */
export interface WindowQuery {
  /** Around an event. */
  readonly at?: number | undefined
  /** Before the entry of this event. */
  readonly before?: number | undefined
  /** After the entry of this event. */
  readonly next?: number | undefined
  /** The entry of this event alone. */
  readonly entry?: number | undefined
  /** As it was after this event. */
  readonly upto?: number | undefined
}

export async function storyWindow(fold: RunFold, query: WindowQuery): Promise<StoryWindow> {
  const { story } = fold
  const { upto, at, entry } = query
  const all = upto === undefined ? story.outline.length : story.indexOf(upto) + 1
  const [from, to] = boundsOf(fold, query, all)
  return {
    entries: await fold.entries(indexesIn(from, to), upto),
    before: from,
    after: all - to,
    target: at ?? entry,
    failure: story.lastFailure(),
  }
}

function boundsOf(
  { story }: RunFold,
  { at, before, next, entry }: WindowQuery,
  all: number,
): readonly [number, number] {
  const clamp = (index: number) => Math.min(all, Math.max(0, index))
  if (entry !== undefined) return [story.indexOf(entry), clamp(story.indexOf(entry) + 1)]
  if (before !== undefined) return [clamp(story.indexOf(before) - ENTRIES), story.indexOf(before)]
  if (next !== undefined) return [clamp(story.indexOf(next) + 1), clamp(story.indexOf(next) + 1 + ENTRIES)]
  if (at === undefined) return [clamp(all - ENTRIES), all]
  const from = clamp(Math.min(story.indexOf(at) - BEFORE, all - ENTRIES))
  return [from, clamp(from + ENTRIES)]
}

/** The entries that changed after an event, the last ones if there are many. */
export async function changedWindow(fold: RunFold, after: number): Promise<StoryWindow> {
  const { story } = fold
  const all = story.outline.length
  const changed = indexesIn(Math.max(0, all - LOOK_BACK), all).filter(
    (index) => (story.outline[index]?.last ?? 0) > after,
  )
  const shown = changed.slice(-ENTRIES)
  return {
    entries: await fold.entries(shown),
    before: shown[0] ?? all,
    after: 0,
    // There are more new entries than this window holds, so the reader's list would have a gap.
    gap: changed.length > shown.length || changed.length === LOOK_BACK,
    failure: story.lastFailure(),
  }
}

function indexesIn(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
}
