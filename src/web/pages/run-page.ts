import { html } from 'hono/html'
import type { Waiting } from '../../runs/admission/waiting.ts'
import type { RunAction } from '../../runs/run-actions.ts'
import { isPruned, type RunState } from '../../runs/summary/run-state.ts'
import type { UsageCurve } from '../../runs/summary/usage-curve.ts'
import { forPage } from '../../text/hidden-characters.ts'
import { actPart, doneNotice, type MayAct } from './act-part.ts'
import { changesPart } from './changes-part.ts'
import type { ColourLines } from './code-colours.ts'
import { inlineText } from './elements.ts'
import { headPart } from './head-part.ts'
import { type Html, layout } from './layout.ts'
import { createProse } from './markdown.ts'
import { outcomePart, type ShownRun } from './outcome.ts'
import { checksPart, planPart, recordsPart, setupPart, stepsPart } from './run-parts.ts'
import { type ShareView, shareLink, shareNotice } from './share-page.ts'
import { type StoryHits, type StoryWindow, storyEntries, storyPart } from './story-part.ts'
import { usagePart } from './usage-part.ts'
import { verificationPart } from './verification-part.ts'

/** The data from which the page of a run, or newer parts of it, is drawn. */
export interface RunPageData {
  readonly run: ShownRun
  /** The state of the run after the last event that the page shows. */
  readonly state: RunState
  readonly curve: UsageCurve
  readonly story: StoryWindow
  /** Whether the run has changed files. `state` cannot tell, because it may leave out changes that the page already has. */
  readonly changed: boolean
  /** Set while the run is queued. */
  readonly waiting?: Waiting | null | undefined
  /** Whether agents' text is shown unformatted, because formatting it takes too long. */
  readonly plain?: boolean | undefined
}

export interface RunPageView {
  /** Who is logged in with this browser. */
  readonly account?: string | undefined
  /** Undefined for a reader who may not act. */
  readonly may?: MayAct | undefined
  readonly share: ShareView
  /** The action that the reader has just taken. */
  readonly done?: RunAction | undefined
  readonly split: boolean
  /** Index of the changed file that is shown whole. */
  readonly file?: number | undefined
  readonly found?: StoryHits | undefined
  /** Number of the event up to which the page shows the run; undefined for the whole run. */
  readonly upto?: number | undefined
  /** Whether the page stops reloading, so that a reader without JavaScript can write. */
  readonly still?: boolean | undefined
  /** Number of the run's last event. */
  readonly events: number
}

const LONGEST_TITLE = 160

interface DrawnPage extends RunPageData {
  readonly view: RunPageView
  readonly colours: ColourLines | undefined
}

/** The page of one run. It is complete without JavaScript; with JavaScript, its parts are replaced as events arrive. */
export function runPage({ view, colours, ...data }: DrawnPage): Html {
  const { run, state, story, curve, waiting = null, plain = false } = data
  const page = `/runs/${run.id}`
  const prose = createProse(plain)
  const { account, may, share, done, split, file, found, upto, events } = view
  const isLive = run.finishedAt === null
  const refreshes = isLive && !view.still && story.after === 0 && found === undefined
  const [title = '', ...rest] = run.prompt.trim().split('\n')
  // The forms come first while the run works or waits for a person; after a pull request they are rarely needed.
  const actsFirst = run.outcome === null || run.outcome === 'plan' || run.outcome === 'question'
  const isCut = title.length > LONGEST_TITLE
  return layout({
    title: `${run.repository}: ${title.slice(0, 60).toWellFormed()}`,
    refreshSeconds: refreshes ? 5 : undefined,
    account,
    here: '/runs',
    styles: ['run.css', 'diff.css', 'activity.css', 'share.css'],
    scripts: ['files.js', 'story.js', 'run.js'],
    content: html`<article class="run" data-run="${page}" data-seq="${state.seq}" data-ended="${String(!isLive)}" data-status="${run.status}"${upto === undefined ? '' : html` data-upto="${upto}"`}>
    <p class="eyebrow"><a href="/runs">Runs</a> / <a href="/runs?repository=${encodeURIComponent(run.repository)}">${run.repository}</a>${shareLink(page, share)}</p>
    ${shareNotice(share)}
    <h1 class="prompt">${inlineText(`${title.slice(0, LONGEST_TITLE).toWellFormed()}${isCut ? '…' : ''}`)}</h1>
    ${isCut || rest.length > 0 ? html`<details class="full-prompt"><summary>Whole request</summary><pre class="block prose" tabindex="0">${forPage(run.prompt)}</pre></details>` : ''}
    ${doneNotice(done)}
    ${upto === undefined ? '' : html`<p class="notice" role="status">This is the run as of event ${upto} of ${events}. <a href="${page}">Show all of it</a></p>`}
    ${refreshes && may ? html`<noscript><p class="muted">This page reloads every 5 seconds. <a href="${page}?still=1#part-act">Stop reloading to write something</a></p></noscript>` : ''}
    ${headPart({ run, state, waiting })}
    ${run.similar && isLive ? html`<p class="similar muted" title="${run.similar.meaning}">${run.similar.message}<span class="sr">. ${run.similar.meaning}</span></p>` : ''}
    <div class="columns">
      <div class="wide">
        ${upto === undefined ? outcomePart(run, prose) : ''}
        ${actsFirst ? actPart(run, may) : ''}
        ${verificationPart(state)}
        ${state.changes ? changesPart(state.changes, { page, split, file, colours }) : html`<section id="part-changes" data-version="0"></section>`}
        ${storyPart(story, { page, prose, plain, isLive, pruned: isPruned(state), found, events, upto })}
        ${checksPart(state)}
        ${usagePart(state, curve, { page })}
        ${setupPart(state)}
        ${actsFirst ? '' : actPart(run, may)}
        ${recordsPart(run, data.changed)}
      </div>
      <aside aria-label="Progress">${isPruned(state) ? '' : stepsPart(state)}${planPart(state)}</aside>
    </div>
    </article>`,
  })
}

/** The parts of the page that changed after the event `after`. They have no forms, so they are the same for every reader. */
export function runParts({
  after,
  colours,
  split,
  ...data
}: RunPageData & {
  readonly after: number
  readonly colours: ColourLines | undefined
  readonly split: boolean
}): Html {
  const { run, state, story, curve, waiting = null, plain = false } = data
  const page = `/runs/${run.id}`
  const prose = createProse(plain)
  const { setup, changes, checks } = state
  const isNew = (part: { readonly seq: number } | null) => part !== null && part.seq > after
  const checked = isNew(checks.before) || isNew(checks.after)
  return html`<article data-seq="${state.seq}" data-ended="${String(run.finishedAt !== null)}" data-status="${run.status}" data-gap="${String(story.gap === true)}"${story.failure === undefined ? '' : html` data-failure="${story.failure}"`}>
    ${headPart({ run, state, waiting })}${stepsPart(state)}${planPart(state)}${usagePart(state, curve, { page })}
    ${run.finishedAt === null ? '' : html`${outcomePart(run, prose)}${recordsPart(run, data.changed)}`}
    ${isNew(setup) ? setupPart(state) : ''}${checked ? checksPart(state) : ''}${isNew(checks.verification) ? verificationPart(state) : ''}
    ${changes && isNew(changes) ? changesPart(changes, { page, split, colours }) : ''}
    <ol id="timeline">${storyEntries(story, { page, prose, plain })}</ol>
  </article>`
}
