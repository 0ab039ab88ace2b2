import { html } from 'hono/html'
import { changesPart } from './changes-part.ts'
import { headPart, outcomePart, type RunPageData } from './head-part.ts'
import type { Html } from './layout.ts'
import { checksPart, planPart, stepsPart } from './progress-parts.ts'
import { timelineEntry } from './timeline-entry.ts'

/** The parts of the run page again, and the entries of the activity that changed after `after`. */
export function runFragment(data: RunPageData & { readonly after: number }): Html {
  const { run, summary, after } = data
  return html`<article data-seq="${summary.lastSeq}" data-ended="${run.finishedAt !== null}">
    ${headPart(data)}${outcomePart(data)}${stepsPart(summary)}${planPart(summary)}${checksPart(summary)}${changesPart(data)}
    <ol id="timeline">${summary.timeline.filter(({ seq }) => seq > after).map(timelineEntry)}</ol>
  </article>`
}
