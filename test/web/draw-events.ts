import type { RunEvent } from '../../src/runs/run-event.ts'
import { createRunFold } from '../../src/web/live/run-fold.ts'
import { storyWindow } from '../../src/web/live/story-windows.ts'
import { drawRun } from '../../src/web/pages/draw-run.ts'
import type { ShownRun } from '../../src/web/pages/outcome.ts'

/** A fold of events that are in no database. */
export async function foldInMemory(events: readonly RunEvent[]) {
  const log = {
    read: async (_: string, after: number, limit = 500) =>
      events.filter(({ seq }) => seq > after).slice(0, limit),
  }
  const fold = createRunFold('r1', { log, show: async (event) => event })
  await fold.catchUp()
  return fold
}

/** The page of a run with these events. */
export async function drawEvents(run: ShownRun, events: readonly RunEvent[]): Promise<string> {
  const fold = await foldInMemory(events)
  const { state, curve } = fold
  const view = { share: { mayShare: false }, split: false, events: state.seq }
  return drawRun({
    kind: 'page',
    run,
    state,
    curve,
    changed: state.changes !== null,
    story: await storyWindow(fold, {}),
    view,
  })
}
