import type { RunPageData } from '../pages/run-page.ts'
import type { LiveReader } from './live-reader.ts'
import { type RunFold, withoutOld } from './run-fold.ts'
import { changedWindow } from './story-windows.ts'

/** Draws what changed after an event. @returns undefined if it takes too long, which may be the load of this moment. */
export type DrawParts = (
  data: RunPageData & { readonly after: number; readonly split: boolean },
) => Promise<string | undefined>

export interface SentParts {
  /** The number of different drawings. */
  readonly drawn: number
  /** Whether one of them took too long. Its readers are to get what it would have shown later. */
  readonly unsent: boolean
}

/**
 * Sends to each reader what it has not seen. Readers who have seen the same get the same drawing.
 *
 * @param to.all true to send the parts without events, too, also to readers who have seen every event.
 */
export async function sendParts(
  shown: Pick<RunPageData, 'run' | 'waiting' | 'state' | 'curve'>,
  fold: RunFold,
  to: { readonly readers: Set<LiveReader>; readonly all: boolean; readonly drawParts: DrawParts },
): Promise<SentParts> {
  const { state } = shown
  let unsent = false
  const groups = Map.groupBy(
    [...to.readers].filter((reader) => (to.all || reader.after < state.seq) && reader.hasRoom()),
    ({ after, split }) => `${after} ${split}`,
  )
  for (const group of groups.values()) {
    const [first] = group
    if (first === undefined) continue
    const { after, split } = first
    const html = await to.drawParts({
      ...shown,
      state: withoutOld(state, after),
      changed: state.changes !== null,
      story: await changedWindow(fold, after),
      after,
      split,
    })
    if (html === undefined) unsent = true
    const frame =
      html === undefined
        ? ': too long to draw\n\n'
        : `id: ${state.seq}\nevent: parts\ndata: ${JSON.stringify(html)}\n\n`
    for (const reader of group) {
      // Output may have taken the reader's room meanwhile.
      const isSent = reader.put(frame)
      if (isSent && html !== undefined) reader.after = state.seq
    }
  }
  return { drawn: groups.size, unsent }
}
