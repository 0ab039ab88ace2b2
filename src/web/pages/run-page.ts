import { html } from 'hono/html'
import { changesPart } from './changes-part.ts'
import { headPart, outcomePart, type RunPageData } from './head-part.ts'
import { type Html, layout } from './layout.ts'
import { checksPart, planPart, stepsPart } from './progress-parts.ts'
import { shownText } from './shown-text.ts'
import { timelineEntry } from './timeline-entry.ts'

/** One run, live while it goes on. Complete without JavaScript; with it, the parts are replaced as events arrive. */
export function runPage(data: RunPageData): Html {
  const { run, summary } = data
  const live = run.finishedAt === null
  const [title = '', ...rest] = run.prompt.trim().split('\n')
  const long = title.length > 160 || rest.length > 0
  return layout({
    title: `${run.repository}: ${title.slice(0, 60).toWellFormed()}`,
    refreshSeconds: live ? 5 : undefined,
    content: html`<article data-run="/runs/${run.id}" data-seq="${summary.lastSeq}" data-ended="${!live}">
    <p class="eyebrow"><a href="/">Runs</a> / <a href="/?repository=${encodeURIComponent(run.repository)}">${run.repository}</a></p>
    <h1 class="prompt">${shownText(title.slice(0, 160).toWellFormed())}${title.length > 160 ? '…' : ''}</h1>
    ${long ? html`<details class="full-prompt"><summary>Whole request</summary><pre class="block prose">${shownText(run.prompt)}</pre></details>` : ''}
    ${headPart(data)}
    ${outcomePart(data)}
    <div class="columns">
      <aside>${summary.pruned ? '' : stepsPart(summary)}${planPart(summary)}${checksPart(summary)}</aside>
      <div class="wide">
        ${changesPart(data)}
        <section class="card" aria-labelledby="activity-title">
          <h2 id="activity-title">Activity</h2>
          ${summary.pruned ? html`<p class="muted">What happened in between was deleted for its age.</p>` : ''}
          <ol id="timeline" class="timeline">${summary.timeline.map(timelineEntry)}</ol>
        </section>
      </div>
    </div>
    </article>`,
  })
}
