import { html } from 'hono/html'
import type { Waiting } from '../../runs/admission/waiting.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import { currentLine, foldEvents, isPruned, type RunState } from '../../runs/summary/run-state.ts'
import { agentsOf, costOf, totalCost } from '../../runs/summary/run-usage.ts'
import { queueText } from '../../runs/summary/sentences.ts'
import { createTimeline } from '../../runs/summary/timeline.ts'
import { agentsText } from '../../text/agent-name.ts'
import { forPage } from '../../text/hidden-characters.ts'
import type { RunView } from '../run-view.ts'
import { changesPart } from './diff.ts'
import { inlineText, link, moment, runDuration, statusPill } from './elements.ts'
import { type Html, layout } from './layout.ts'
import { createProse } from './markdown.ts'
import { outcomePart, type ShownRun } from './outcome.ts'
import { checksPart, planPart, setupPart, stepsPart } from './run-parts.ts'
import { timelineEntry } from './timeline.ts'
import { verificationPart } from './verification-part.ts'

export interface RunPageData {
  readonly run: ShownRun
  /** Every event of the run that is kept. */
  readonly events: readonly RunEvent[]
  /** Set while the run is queued. */
  readonly waiting?: Waiting | null | undefined
  /** Only the parts that changed after this event, for the page's script. */
  readonly after?: number | undefined
  /** Text of agents is shown as it is, because formatting it takes too long. */
  readonly plain?: boolean | undefined
  /** Who is logged in with this browser. */
  readonly account?: string | undefined
  /** The reader may not stop the run. */
  readonly readOnly?: boolean | undefined
}

/**
 * The page, or what changed on it, as HTML. It takes time that may grow faster than the text on it, so the service calls
 * this in a thread.
 */
export async function drawRun(data: RunPageData): Promise<string> {
  const { after } = data
  return String(await (after === undefined ? runPage(data) : runFragment({ ...data, after })))
}

const LONGEST_TITLE = 160

/** One run, live while it goes on. Complete without JavaScript; with it, the parts are replaced as events arrive. */
export function runPage({
  run,
  events,
  waiting = null,
  plain = false,
  account,
  readOnly = false,
}: RunPageData): Html {
  const state = foldEvents(events)
  const prose = createProse(plain)
  const isLive = run.finishedAt === null
  const pruned = isPruned(state)
  const [title = '', ...rest] = run.prompt.trim().split('\n')
  const isCut = title.length > LONGEST_TITLE
  return layout({
    title: `${run.repository}: ${title.slice(0, 60).toWellFormed()}`,
    refreshSeconds: isLive ? 5 : undefined,
    account,
    here: '/',
    styles: ['run.css', 'activity.css'],
    content: html`<article data-run="/runs/${run.id}" data-seq="${state.seq}" data-ended="${String(!isLive)}">
    <p class="eyebrow"><a href="/">Runs</a> / <a href="/?repository=${encodeURIComponent(run.repository)}">${run.repository}</a></p>
    <h1 class="prompt">${inlineText(`${title.slice(0, LONGEST_TITLE).toWellFormed()}${isCut ? '…' : ''}`)}</h1>
    ${isCut || rest.length > 0 ? html`<details class="full-prompt"><summary>Whole request</summary><pre class="block prose">${forPage(run.prompt)}</pre></details>` : ''}
    ${headPart({ run, state, waiting, readOnly })}
    ${outcomePart(run, prose)}
    <div class="columns">
      <aside>${pruned ? '' : stepsPart(state)}${planPart(state)}${checksPart(state)}</aside>
      <div class="wide">
        ${verificationPart(state)}
        ${changesPart(run, state)}
        ${setupPart(state)}
        <section class="card" aria-labelledby="activity-title">
          <h2 id="activity-title">Activity</h2>
          ${pruned ? html`<p class="muted">The events in between were deleted because of their age.</p>` : ''}
          <ol id="timeline" class="timeline">${createTimeline(events).map((item) => timelineEntry(item, { prose, plain }))}</ol>
        </section>
      </div>
    </div>
    </article>`,
  })
}

/** The parts of the run page again, and the entries of the activity that changed after `after`. */
function runFragment({
  run,
  events,
  waiting = null,
  plain = false,
  readOnly = false,
  after,
}: RunPageData & { readonly after: number }): Html {
  const state = foldEvents(events)
  const prose = createProse(plain)
  const entries = createTimeline(events).filter(({ seq }) => seq > after)
  return html`<article data-seq="${state.seq}" data-ended="${String(run.finishedAt !== null)}">
    ${headPart({ run, state, waiting, readOnly })}${outcomePart(run, prose)}${stepsPart(state)}${planPart(state)}${setupPart(state)}${checksPart(state)}${verificationPart(state)}${changesPart(run, state)}
    <ol id="timeline">${entries.map((item) => timelineEntry(item, { prose, plain }))}</ol>
  </article>`
}

/** Status, facts and the stop button. */
function headPart({
  run,
  state,
  waiting,
  readOnly,
}: {
  readonly run: RunView
  readonly state: RunState
  readonly waiting: Waiting | null
  readonly readOnly: boolean
}): Html {
  const isLive = run.finishedAt === null && state.ending === null
  return html`<div id="part-head" class="run-head">
    <div class="facts">${statusPill(run)}${facts(run, state)}</div>
    ${isLive ? nowLine(waiting ? waitingLine(waiting) : currentLine(state), readOnly ? '' : stopButton(run)) : ''}
  </div>`
}

function facts(run: RunView, { usage, ending }: RunState): Html {
  const { turns, knownCostUsd } = ending?.totals ?? usage
  const costUsd = ending === null ? costOf(usage) : ending.totals.costUsd
  const models = (ending?.totals ?? usage).models.filter((model) => model !== 'dummy')
  const agents = (ending === null ? agentsOf(usage) : ending.totals.agents) ?? []
  return html`<dl>
    <div><dt>Requester</dt><dd>${forPage(run.requester)}</dd></div>
    ${run.thread ? html`<div><dt>${run.thread.kind === 'issue' ? 'Issue' : 'Pull request'}</dt><dd>${link(run.thread.url, `#${run.thread.number}`)}</dd></div>` : ''}
    <div><dt>Requested</dt><dd>${moment(run.createdAt)}</dd></div>
    <div><dt>Duration</dt><dd>${runDuration(run)}</dd></div>
    <div><dt>Cost</dt><dd>${turns > 0 ? totalCost({ costUsd, knownCostUsd }) : '–'}</dd></div>
    ${agents.length > 0 ? html`<div><dt>Agent</dt><dd>${agentsText(agents)}</dd></div>` : ''}
    ${models.length > 0 ? html`<div><dt>Model</dt><dd>${models.join(', then ')}</dd></div>` : ''}
  </dl>`
}

function waitingLine({ position, message }: Waiting): string {
  const place = queueText(position)
  return `${place.charAt(0).toUpperCase()}${place.slice(1)}. ${message}`
}

function nowLine(line: string, button: Html | string): Html {
  return html`<div class="now"><p aria-live="polite">${forPage(line)}</p>
    ${button}</div>`
}

function stopButton({ id }: RunView): Html {
  return html`<form method="post" action="/runs/${id}/cancel"><button id="cancel" class="quiet" type="submit">Stop this run</button></form>`
}
