import { html } from 'hono/html'
import type { Waiting } from '../../runs/admission/waiting.ts'
import type { RunSummary, StepState } from '../../runs/summary/run-state.ts'
import { checkText, STEP_NAMES } from '../../runs/summary/sentences.ts'
import { costText, durationText } from '../../text/amounts.ts'
import { forPage } from '../../text/hidden-characters.ts'
import type { RunView } from '../run-view.ts'
import { changesPart } from './diff.ts'
import { elapsedSince, link, moment, statusPill } from './elements.ts'
import { type Html, layout } from './layout.ts'
import { markdown } from './markdown.ts'
import { timelineEntry } from './timeline.ts'

interface RunPageData {
  readonly run: RunView
  readonly summary: RunSummary
  /** Set while the run is queued. */
  readonly waiting?: Waiting | null
}

/** Status, facts and the stop button. */
function headPart({ run, summary, waiting }: RunPageData): Html {
  const live = run.finishedAt === null && !summary.ended
  return html`<div id="part-head" class="run-head">
    <div class="facts">${statusPill(run)}${facts(run, summary)}</div>
    ${live ? now(run, waiting ? waitingLine(waiting) : summary.now) : ''}
  </div>`
}

function facts(run: RunView, { costUsd, turns, models }: RunSummary): Html {
  const cost = run.costUsd ?? (turns > 0 ? costUsd : undefined)
  return html`<dl>
    <div><dt>Requester</dt><dd>${forPage(run.requester)}</dd></div>
    ${run.thread ? html`<div><dt>${run.thread.kind === 'issue' ? 'Issue' : 'Pull request'}</dt><dd>${link(run.thread.url, `#${run.thread.number}`)}</dd></div>` : ''}
    <div><dt>Asked</dt><dd>${moment(run.createdAt)}</dd></div>
    <div><dt>Duration</dt><dd>${duration(run)}</dd></div>
    <div><dt>Cost</dt><dd>${cost === undefined ? '–' : costText(cost)}</dd></div>
    ${models.length > 0 ? html`<div><dt>Model</dt><dd>${models.join(', ')}</dd></div>` : ''}
  </dl>`
}

function duration({ startedAt, finishedAt, status }: RunView): Html | string {
  if (startedAt === null) return status === 'queued' ? 'waiting' : '–'
  if (finishedAt === null) return elapsedSince(startedAt)
  return durationText(Date.parse(finishedAt) - Date.parse(startedAt))
}

function waitingLine({ position, message }: Waiting): string {
  return `${position > 1 ? `Number ${position} in line` : 'Next in line'}. ${message}`
}

function now(run: RunView, line: string): Html {
  return html`<div class="now"><p aria-live="polite">${forPage(line)}</p>
    <form method="post" action="/runs/${run.id}/cancel"><button id="cancel" class="quiet" type="submit">Stop this run</button></form></div>`
}

/** How the run ended. */
function outcomePart({ run }: RunPageData): Html {
  if (run.finishedAt === null) return html`<section id="part-outcome"></section>`
  return html`<section id="part-outcome" class="card outcome ${run.status}">
    <h2>${headline(run)}</h2>
    ${run.message ? markdown(run.message) : ''}
    ${run.pullRequestUrl ? html`<p>${link(run.pullRequestUrl, 'Open the pull request', 'button')}</p>` : ''}
    ${run.commentUrl ? html`<p>${link(run.commentUrl, 'Read it in the thread')}</p>` : ''}
    ${run.code ? html`<p class="muted">Code: <code>${run.code}</code></p>` : ''}
  </section>`
}

function headline({ status, outcome }: RunView): string {
  if (status === 'failed') return 'This run failed'
  if (status === 'cancelled') return 'This run was stopped'
  switch (outcome) {
    case 'pull_request':
      return 'Pull request'
    case 'answer':
      return 'Answered without a change'
    case 'triage':
      return 'Triage, without a model'
    case 'question':
      return 'A question for you'
    case 'plan':
      return 'A plan to approve'
    default:
      return 'Done'
  }
}

/** The steps of the run, in order, each with its state and time. */
function stepsPart({ steps }: RunSummary): Html {
  return html`<section id="part-steps" class="card" aria-labelledby="steps-title">
    <h2 id="steps-title">Steps</h2>
    <ol class="steps">${steps.map(
      (step) => html`<li class="${step.state}" title="${forPage(step.message)}">
        <span class="name">${STEP_NAMES[step.step]}</span>
        <span class="sr">${step.state}</span><span class="duration">${stepTime(step)}</span></li>`,
    )}</ol>
  </section>`
}

function stepTime({ state, startedAt, durationMs }: StepState): Html | string {
  if (startedAt !== undefined) return elapsedSince(startedAt)
  if (state === 'skipped') return 'skipped'
  return durationMs === undefined ? '' : durationText(durationMs)
}

/** The agent's own plan. */
function planPart({ plan }: RunSummary): Html {
  if (plan.length === 0) return html`<section id="part-plan"></section>`
  return html`<section id="part-plan" class="card" aria-labelledby="plan-title">
    <h2 id="plan-title">Plan</h2>
    <ol class="plan">${plan.map(
      ({ text, status }) =>
        html`<li class="${status}"><span class="sr">${status.replace('_', ' ')}: </span>${forPage(text)}</li>`,
    )}</ol>
  </section>`
}

/** The repository's own checks, before and after. */
function checksPart({ checks }: RunSummary): Html {
  if (checks.length === 0) return html`<section id="part-checks" data-version="0"></section>`
  const commands = [...new Set(checks.flatMap(({ results }) => results.map(({ command }) => command)))]
  const version = checks.map(({ seq }) => seq).join('-')
  return html`<section id="part-checks" data-version="${version}" class="card" aria-labelledby="checks-title">
    <h2 id="checks-title">Checks</h2>
    ${commands.length === 0 ? html`<p class="muted">None were found in this repository.</p>` : ''}
    <ul class="checks">${commands.map((command, index) => checkRow(command, { checks, index }))}</ul>
  </section>`
}

function checkRow(
  command: string,
  { checks, index }: Pick<RunSummary, 'checks'> & { readonly index: number },
): Html {
  const find = (phase: 'before' | 'after') =>
    checks.find((event) => event.phase === phase)?.results.find((candidate) => candidate.command === command)
  const [before, after] = [find('before'), find('after')]
  const last = after ?? before
  const verdict = (result: typeof before) =>
    result === undefined
      ? html`<span class="muted">not run</span>`
      : html`<span class="${result.exitCode === 0 ? 'passed' : 'failed'}">${checkText(result)}</span>`
  return html`<li><code>${forPage(command)}</code>
    <p><span class="sr">before: </span>${verdict(before)}
      ${after ? html`<span class="muted" aria-hidden="true">→</span> <span class="sr">after: </span>${verdict(after)}` : ''}</p>
    ${
      last && last.tail.trim() !== ''
        ? html`<details id="check-${index}"><summary>Output</summary>
          <pre class="block" tabindex="0"><code>${forPage(last.tail)}</code></pre></details>`
        : ''
    }</li>`
}

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
    <h1 class="prompt">${forPage(title.slice(0, 160).toWellFormed())}${title.length > 160 ? '…' : ''}</h1>
    ${long ? html`<details class="full-prompt"><summary>Whole request</summary><pre class="block prose">${forPage(run.prompt)}</pre></details>` : ''}
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

/** The parts of the run page again, and the entries of the activity that changed after `after`. */
export function runFragment(data: RunPageData & { readonly after: number }): Html {
  const { run, summary, after } = data
  return html`<article data-seq="${summary.lastSeq}" data-ended="${run.finishedAt !== null}">
    ${headPart(data)}${outcomePart(data)}${stepsPart(summary)}${planPart(summary)}${checksPart(summary)}${changesPart(data)}
    <ol id="timeline">${summary.timeline.filter(({ seq }) => seq > after).map(timelineEntry)}</ol>
  </article>`
}
