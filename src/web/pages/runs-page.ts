import { html } from 'hono/html'
import { pausedText } from '../../runs/summary/sentences.ts'
import { counted } from '../../text/amounts.ts'
import { forPage } from '../../text/hidden-characters.ts'
import type { RunListBody, RunListQuery } from '../bodies.ts'
import type { RunView } from '../run-view.ts'
import { moment } from './elements.ts'
import { type Html, layout } from './layout.ts'
import { isFiltered, runFilters, runsAddress } from './run-filters.ts'
import { runsTable } from './runs-table.ts'

export interface RunsPageData extends RunListBody {
  readonly query: RunListQuery
  readonly publicUrl: string
  /** The operator's reason for a pause; undefined without one. */
  readonly paused?: string | undefined
  /** Who is logged in with this browser. */
  readonly account?: string | undefined
}

/** The list of runs, newest first. */
export function runsPage(data: RunsPageData): Html {
  const { runs, query, publicUrl, paused, account } = data
  const live = runs.some(isLive)
  return layout({
    title: 'Runs',
    account,
    here: '/runs',
    styles: ['runs.css', 'run-filters.css'],
    refreshSeconds: live ? 10 : undefined,
    content: html`
    <div class="title-row"><h1>Runs</h1><a class="button" href="/new">New run</a></div>
    ${runFilters(query)}
    <div id="part-runs" data-refresh="self" data-seconds="${live ? '3' : '10'}">
      ${paused === undefined ? '' : pausedNotice(paused)}
      ${runs.length > 0 ? runsTable(runs, `${counted(runs.length, 'run')}, newest first`) : nothing(data, publicUrl)}
      ${pager(data)}
    </div>`,
  })
}

function isLive({ status }: RunView): boolean {
  return status === 'queued' || status === 'running'
}

export function pausedNotice(reason: string): Html {
  return html`<p class="notice" role="status">${forPage(pausedText(reason))}. Runs wait until the pause is over.</p>`
}

function pager({ next, searchedTo, query }: RunsPageData): Html {
  const first =
    query.before === undefined
      ? ''
      : html`<a href="${runsAddress({ ...query, before: undefined })}">Newest runs</a>`
  const older =
    next === null
      ? ''
      : html`<a rel="next" href="${runsAddress({ ...query, before: next })}">${searchedTo === null ? 'Older runs' : 'Search older runs'}</a>`
  const how =
    searchedTo === null ? '' : html`<span class="muted">Searched back to ${moment(searchedTo)}.</span>`
  return next === null && query.before === undefined && searchedTo === null
    ? html``
    : html`<nav class="pager" aria-label="Pages">${first}${how}${older}</nav>`
}

function nothing({ query, searchedTo }: RunsPageData, publicUrl: string): Html {
  if (isFiltered(query) || query.before !== undefined) {
    const where = searchedTo === null ? 'No run matches.' : 'No run matches so far.'
    return html`<section class="card"><p>${where} <a href="/runs">Show all</a></p></section>`
  }
  return noRuns(publicUrl)
}

/** How to start the first run of a service. */
export function noRuns(publicUrl: string): Html {
  return html`<section class="card">
    <h2>No runs yet</h2>
    <p><a href="/new">Start one here</a>, or comment on an issue or a pull request:</p>
    <pre class="block" tabindex="0"><code>/backspace fix the failing test</code></pre>
    <p>or send a request:</p>
    <pre class="block" tabindex="0"><code>curl -N ${publicUrl}/code \\
  -H 'Authorization: Bearer TOKEN' \\
  -H 'Content-Type: application/json' \\
  -d '{"repoUrl":"https://github.com/owner/repo","prompt":"Fix the failing test"}'</code></pre>
  </section>`
}
