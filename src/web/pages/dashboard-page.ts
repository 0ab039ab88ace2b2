import { html } from 'hono/html'
import type { Waiting } from '../../runs/admission/waiting.ts'
import { counted } from '../../text/amounts.ts'
import { forPage } from '../../text/hidden-characters.ts'
import type { RunView } from '../run-view.ts'
import type { StatsBody } from '../stats-body.ts'
import { elapsedSince, statusPill } from './elements.ts'
import { dollarsTile, liveTile, perMergeTile, successTile, tiles, timeTile } from './figure-tiles.ts'
import { type Html, layout } from './layout.ts'
import { runFilters } from './run-filters.ts'
import { noRuns, pausedNotice } from './runs-page.ts'
import { runPlace, runsTable, runTitle } from './runs-table.ts'

/** A run that has not ended, and what it waits for if it is queued. */
export interface LiveRun {
  readonly run: RunView
  /** Undefined unless the run is queued. */
  readonly waiting: Waiting | undefined
}

interface DashboardData {
  readonly live: readonly LiveRun[]
  readonly stats: StatsBody
  /** The newest runs that have ended. */
  readonly runs: readonly RunView[]
  /** The operator's reason for a pause; undefined without one. */
  readonly paused?: string | undefined
  readonly publicUrl: string
  readonly account?: string | undefined
}

/** The first page: the runs of this moment, the figures of the last 30 days, and the newest runs that ended. */
export function dashboardPage({ live, stats, runs, paused, publicUrl, account }: DashboardData): Html {
  const isEmpty = runs.length === 0 && live.length === 0
  return layout({
    title: 'Dashboard',
    account,
    here: '/',
    styles: ['runs.css', 'run-filters.css', 'stats.css', 'dashboard.css'],
    refreshSeconds: live.length > 0 ? 10 : undefined,
    content: html`
    <div class="title-row"><h1>Dashboard</h1><a class="button" href="/new">New run</a></div>
    <div id="part-now" data-refresh="self" data-seconds="${live.length > 0 ? '3' : '6'}">
      ${paused === undefined ? '' : pausedNotice(paused)}
      ${isEmpty ? noRuns(publicUrl) : html`${figures(stats)}${nowPart(live, stats)}`}
    </div>
    ${
      isEmpty
        ? ''
        : html`<section class="recent" aria-labelledby="recent">
      <div class="section-head"><h2 id="recent">Recent runs</h2><a href="/runs">All runs</a></div>
      ${runFilters({})}
      <div id="part-runs" data-refresh="self" data-seconds="6">${runs.length === 0 ? html`<p class="muted">No run has ended yet.</p>` : runsTable(runs, 'The newest runs')}</div>
    </section>`
    }`,
  })
}

function figures(stats: StatsBody): Html {
  const whose =
    stats.repositoriesSeen === null
      ? 'all repositories'
      : `the ${stats.repositoriesSeen === 1 ? 'repository' : `${stats.repositoriesSeen} repositories`} that you can see`
  return html`<section aria-labelledby="figures">
    <div class="section-head"><h2 id="figures">Last ${counted(stats.perDay.length, 'day')}, ${whose}</h2><a href="/stats">Statistics</a></div>
    ${tiles([liveTile(stats), successTile(stats), timeTile(stats), dollarsTile(stats), perMergeTile(stats)])}
  </section>`
}

function nowPart(live: readonly LiveRun[], { live: { running, queued } }: StatsBody): Html {
  const more = running + queued - live.length
  return html`<section aria-labelledby="now">
    <div class="section-head"><h2 id="now">Now</h2>${more > 0 ? html`<span class="muted">and ${counted(more, 'run')} more</span>` : ''}</div>
    ${live.length === 0 ? html`<p class="quiet-line muted">Nothing is running or waiting.</p>` : html`<ol class="now">${live.map(liveItem)}</ol>`}
  </section>`
}

function liveItem({ run, waiting }: LiveRun): Html {
  const { id, createdAt, startedAt, requester } = run
  return html`<li>
    <span class="state">${statusPill(run)}</span>
    <span class="what"><a href="/runs/${id}">${runTitle(run)}</a>${runPlace(run)} <span class="muted">· ${forPage(requester)}</span>
      ${waiting ? html`<span class="why">Place ${waiting.position} in line. ${forPage(waiting.message)}</span>` : ''}</span>
    <span class="since muted">${startedAt === null ? html`waiting ${elapsedSince(createdAt)}` : elapsedSince(startedAt)}</span>
  </li>`
}
