import { fileLines } from './changes-part.ts'
import { loadColours } from './code-colours.ts'
import { createProse } from './markdown.ts'
import { type RunPageData, type RunPageView, runPage, runParts } from './run-page.ts'
import { type StoryWindow, storyList } from './story-part.ts'

/** What `drawRun` is to draw: the page of a run, or a part of it. */
export type Drawing =
  | ({ readonly kind: 'page'; readonly view: RunPageView } & RunPageData)
  /** The parts that changed after the event `after`, for the page's script. */
  | ({ readonly kind: 'parts'; readonly after: number; readonly split: boolean } & RunPageData)
  /** Another window of the story. */
  | {
      readonly kind: 'story'
      readonly page: string
      readonly story: StoryWindow
      readonly plain?: boolean | undefined
    }
  /** The lines of one file of the change. */
  | {
      readonly kind: 'file'
      readonly diff: string
      readonly index: number
      readonly split: boolean
      readonly plain?: boolean | undefined
    }

/**
 * Draws the HTML of a run. That may take more than linear time, so the service calls this in a thread.
 *
 * @returns '' for a file that is not there.
 */
export async function drawRun(drawing: Drawing): Promise<string> {
  const { plain = false } = drawing
  switch (drawing.kind) {
    case 'page': {
      const colours = plain || drawing.state.changes === null ? undefined : await loadColours()
      return String(await runPage({ ...drawing, colours }))
    }
    case 'parts': {
      const { changes } = drawing.state
      const isNew = changes !== null && changes.seq > drawing.after
      return String(
        await runParts({ ...drawing, colours: plain || !isNew ? undefined : await loadColours() }),
      )
    }
    case 'story':
      return String(await storyList(drawing.story, { page: drawing.page, prose: createProse(plain), plain }))
    case 'file': {
      const colours = plain ? undefined : await loadColours()
      return fileLines(drawing.diff, { index: drawing.index, split: drawing.split, colours }) ?? ''
    }
  }
}
