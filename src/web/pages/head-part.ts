import { html } from 'hono/html'
import type { Waiting } from '../../runs/admission/waiting.ts'
import { costText, durationText } from '../../runs/amount-text.ts'
import type { RunView } from '../run-view.ts'
import type { Html } from './layout.ts'
import { link } from './link.ts'
import { markdown } from './markdown.ts'
import { elapsedSince, moment } from './moment.ts'
import { shownText } from './shown-text.ts'
import { statusPill } from './status-pill.ts'
import type { RunSummary } from './summarize-run.ts'

export interface RunPageData {
  readonly run: RunView
  readonly summary: RunSummary
  /** Set while the run is queued. */
  readonly waiting?: Waiting | null
}

/** Status, facts and the stop button. */
export function headPart({ run, summary, waiting }: RunPageData): Html {
  const live = run.finishedAt === null && !summary.ended
  return html`<div id="part-head" class="run-head">
    <div class="facts">${statusPill(run)}${facts(run, summary)}</div>
    ${live ? now(run, waiting ? waitingLine(waiting) : summary.now) : ''}
  </div>`
}

function facts(run: RunView, { costUsd, turns, models }: RunSummary): Html {
  const cost = run.costUsd ?? (turns > 0 ? costUsd : undefined)
  return html`<dl>
    <div><dt>Requester</dt><dd>${shownText(run.requester)}</dd></div>
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
  return html`<div class="now"><p aria-live="polite">${shownText(line)}</p>
    <form method="post" action="/runs/${run.id}/cancel"><button id="cancel" class="quiet" type="submit">Stop this run</button></form></div>`
}

/** How the run ended. */
export function outcomePart({ run }: RunPageData): Html {
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
