import { html } from 'hono/html'
import { costText, counted } from '../../text/amounts.ts'
import { forPage } from '../../text/hidden-characters.ts'
import type { StatsBody, StatsQuery } from '../stats-body.ts'
import { barChart, dayName, type Series, shareBar } from './charts.ts'
import { moment } from './elements.ts'
import { dollarsTile, liveTile, percent, perMergeTile, successTile, tiles, timeTile } from './figure-tiles.ts'
import { type Html, layout } from './layout.ts'

interface StatsPageData {
  readonly stats: StatsBody
  readonly query: StatsQuery
  readonly account?: string | undefined
}

/** The statistics of runs, for all repositories that the reader may see, or for one. */
export function statsPage({ stats, query, account }: StatsPageData): Html {
  const { repository } = stats
  return layout({
    title: repository === null ? 'Statistics' : `Statistics of ${repository}`,
    account,
    here: '/stats',
    styles: ['runs.css', 'run-filters.css', 'stats.css'],
    content: html`
    <div class="title-row"><div><h1>Statistics</h1><p class="muted">${scopeText(stats)}</p></div>${scopeForm(query)}</div>
    <div id="part-stats" data-refresh="self" data-seconds="15">
      ${tiles([liveTile(stats), successTile(stats), timeTile(stats), dollarsTile(stats), perMergeTile(stats)])}
      <div class="panels">
        <section class="card">${runsChart(stats)}</section>
        <section class="card">${dollarsChart(stats)}</section>
        ${ledgerPart(stats)}
        <div class="stacked">${providersPart(stats)}${cachePart(stats)}</div>
        ${repository === null ? repositoriesPart(stats, query) : ''}
      </div>
    </div>`,
  })
}

function scopeText({ repository, repositoriesSeen, from, to, perDay }: StatsBody): string {
  const whose =
    repository ?? (repositoriesSeen === null ? 'All repositories' : counted(repositoriesSeen, 'repository'))
  return `${whose}, ${dayName(from)} to ${dayName(to)} (${counted(perDay.length, 'day')}, UTC)`
}

function scopeForm({ days, repository }: StatsQuery): Html {
  const option = (value: StatsQuery['days'], name: string) =>
    html`<option value="${value}"${value === days ? html` selected` : ''}>${name}</option>`
  return html`<form class="run-filters scope" method="get" action="/stats" aria-label="Scope of the statistics">
    <label><span>Repository</span><input name="repository"${repository === undefined ? '' : html` value="${repository}"`} placeholder="all" pattern="[\\w.\\-]+/[\\w.\\-]+" title="owner/name" autocapitalize="none" spellcheck="false"></label>
    <label><span>Days</span><select name="days">${option('1', 'today')}${option('7', '7 days')}${option('30', '30 days')}${option('90', '90 days')}</select></label>
    <div class="go"><button type="submit">Show</button></div>
  </form>`
}

const ENDS: readonly Series[] = [
  { style: 'good', name: 'succeeded' },
  { style: 'bad', name: 'failed' },
  { style: 'quiet', name: 'stopped' },
]

function runsChart({ perDay }: StatsBody): Html {
  return barChart({
    id: 'chart-runs',
    title: 'Runs that ended, per day',
    series: ENDS,
    bars: perDay.map(({ day, succeeded, failed, cancelled }) => ({
      day,
      values: [succeeded, failed, cancelled],
    })),
    format: String,
  })
}

function dollarsChart({ perDay, dollars }: StatsBody): Html {
  return barChart({
    id: 'chart-dollars',
    title:
      dollars.runsOfUnknownCost === 0 ? 'Dollars per day' : 'Dollars per day, as far as prices are known',
    series: [{ style: 'accent', name: 'dollars' }],
    bars: perDay.map(({ day, usd }) => ({ day, values: [usd] })),
    format: costText,
  })
}

function ledgerPart({ pullRequests: found }: StatsBody): Html {
  const rows = [
    { style: 'good', name: 'merged untouched', value: found.mergedUntouched },
    { style: 'accent', name: 'merged after rework', value: found.mergedAfterRework },
    { style: 'quiet', name: 'open', value: found.open },
    { style: 'warn', name: 'closed without a merge', value: found.closed },
    { style: 'bad', name: 'reverted within 14 days', value: found.reverted },
    { style: 'unknown', name: 'not known', value: found.unknown },
  ] as const
  if (found.opened === 0) {
    return html`<section class="card"><h2>What became of pull requests</h2><p class="muted">No run opened a pull request in these days.</p></section>`
  }
  return html`<section class="card"><h2>What became of pull requests</h2>
    <p class="muted">Of ${counted(found.opened, 'pull request')} that runs opened in these days, each counted once.</p>
    ${shareBar(rows)}
    <table class="figures ledger"><caption class="sr">What became of pull requests</caption><tbody>${rows
      .filter(({ value, style }) => value > 0 || style !== 'unknown')
      .map(
        ({ style, name, value }) =>
          html`<tr><th scope="row"><i class="${style}" aria-hidden="true"></i>${name}</th><td class="number">${value}</td><td class="number muted">${percent(value / found.opened)}</td></tr>`,
      )}</tbody></table>
    <details id="ledger-words"><summary>What these words mean</summary>
      <p>Merged untouched: the pull request has only the commit that Backspace opened it with; merges of the base branch do not count. Merged after rework: people or later runs added commits, or the branch was rebased. Reverted: a commit on the base branch, or a merged pull request, says that it reverts this one. Not known: GitHub has not answered yet, or no longer shows the pull request.</p></details>
  </section>`
}

function providersPart({ providers, providersNow }: StatsBody): Html {
  if (providers.length === 0) {
    return html`<section class="card"><h2>Providers</h2>${providersNowLine(providersNow)}<p class="muted">No run that ended in the last 24 hours asked a model.</p></section>`
  }
  return html`<section class="card"><h2>Providers</h2>
    ${providersNowLine(providersNow)}
    <p class="muted">Runs that ended in the last 24 hours.</p>
    <div class="scroll" role="region" aria-label="Providers" tabindex="0"><table class="figures"><caption class="sr">Providers in the last 24 hours</caption>
    <thead><tr><th scope="col">Provider</th><th scope="col" class="number">Runs</th><th scope="col" class="number">Turns</th><th scope="col" class="number">Retries</th><th scope="col" class="number">Fallbacks</th><th scope="col" class="number">Dollars</th></tr></thead>
    <tbody>${providers.map(
      ({ provider, runs, turns, retries, fallbacks, usd }) =>
        html`<tr><th scope="row">${forPage(provider)}</th><td class="number">${runs}</td><td class="number">${turns}</td><td class="number">${retries}</td><td class="number">${fallbacks}</td><td class="number">${costText(usd)}</td></tr>`,
    )}</tbody></table></div>
  </section>`
}

/** Which providers this process does not use at this moment. The table below covers ended runs instead. */
function providersNowLine(blocked: StatsBody['providersNow']): Html {
  if (blocked === null)
    return html`<p class="muted">Now: not known here, because other processes execute the runs.</p>`
  if (blocked.length === 0) return html`<p>Now: this process uses every provider.</p>`
  return html`${blocked.map(
    ({ provider, why, until }) =>
      html`<p class="problem">Now: ${forPage(provider)} ${why}. This process does not ask it until ${moment(until)}.</p>`,
  )}`
}

function cachePart({ setupCache, live }: StatsBody): Html {
  const { hits, begun, misses } = setupCache
  const all = hits + begun + misses
  return html`<section class="card"><h2>Sandboxes and setup</h2>
    <table class="figures"><caption class="sr">Sandboxes and setup</caption><tbody>
      <tr><th scope="row">Sandboxes in which a run works, now</th><td class="number">${live.sandboxes}</td></tr>
      <tr><th scope="row">Clean sandboxes of verifications, now</th><td class="number">${live.cleanSandboxes}</td></tr>
      <tr><th scope="row">Setups reused from an earlier run</th><td class="number">${all === 0 ? '–' : `${hits} of ${all}`}</td></tr>
      <tr><th scope="row">Setups that began with dependencies of an earlier run</th><td class="number">${all === 0 ? '–' : `${begun} of ${all}`}</td></tr>
    </tbody></table>
  </section>`
}

function repositoriesPart({ repositories }: StatsBody, { days }: StatsQuery): Html {
  if (repositories.length === 0) return html``
  return html`<section class="card wide"><h2>Repositories</h2>
    <p class="muted">The repositories with the most runs in these days, 20 at most.</p>
    <div class="scroll" role="region" aria-label="Repositories" tabindex="0"><table class="figures"><caption class="sr">Repositories with the most runs</caption>
    <thead><tr><th scope="col">Repository</th><th scope="col" class="number">Runs</th><th scope="col" class="number">Success</th><th scope="col" class="number">Pull requests</th><th scope="col" class="number">Dollars</th></tr></thead>
    <tbody>${repositories.map(({ repository, succeeded, failed, cancelled, usd, pullRequests }) => {
      const judged = succeeded + failed
      const address = `/stats?${new URLSearchParams({ repository, days })}`
      return html`<tr><th scope="row"><a href="${address}">${repository}</a></th><td class="number">${judged + cancelled}</td><td class="number">${judged === 0 ? '–' : percent(succeeded / judged)}</td><td class="number">${pullRequests}</td><td class="number">${costText(usd)}</td></tr>`
    })}</tbody></table></div>
  </section>`
}
