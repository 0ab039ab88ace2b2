import { html } from 'hono/html'
import { pausedText } from '../../runs/summary/sentences.ts'
import { agentsText } from '../../text/agent-name.ts'
import { costText } from '../../text/amounts.ts'
import { forPage } from '../../text/hidden-characters.ts'
import type { RunView } from '../run-view.ts'
import { codeText, moment, runDuration, statusPill, verdictText } from './elements.ts'
import { type Html, layout } from './layout.ts'

export interface RunsPageData {
  readonly runs: readonly RunView[]
  /** Id of the last run shown, when there are older runs. */
  readonly next: string | null
  readonly filter: { readonly status?: string | undefined; readonly repository?: string | undefined }
  readonly publicUrl: string
  /** Why the operator lets no run start. */
  readonly paused?: string | undefined
  /** Who is logged in with this browser. */
  readonly account?: string | undefined
}

const FILTERS = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const

/** The list of runs, newest first. */
export function runsPage({ runs, next, filter, publicUrl, paused, account }: RunsPageData): Html {
  const filtered = filter.status !== undefined || filter.repository !== undefined
  return layout({
    title: 'Runs',
    account,
    here: '/',
    styles: ['runs.css'],
    refreshSeconds: runs.some(isLive) ? 10 : undefined,
    content: html`
    <div class="title-row"><h1>Runs</h1>${filters(filter)}</div>
    <div id="part-runs" data-refresh="self" data-seconds="${runs.some(isLive) ? '3' : '10'}">
      ${paused === undefined ? '' : html`<p class="notice" role="status">${forPage(pausedText(paused))}. Runs wait until the pause is over.</p>`}
      ${runs.length > 0 ? table(runs) : empty(filtered, publicUrl)}
    </div>
    ${next === null ? '' : html`<p class="pager"><a href="${query({ ...filter, before: next })}">Older runs</a></p>`}`,
  })
}

function filters(filter: RunsPageData['filter']): Html {
  const entry = (status: string | undefined) => html`<a href="${query({ ...filter, status })}"
    ${filter.status === status ? html`aria-current="true"` : ''}>${status ?? 'all'}</a>`
  return html`<nav class="filters" aria-label="Status">${[undefined, ...FILTERS].map(entry)}</nav>`
}

function query(values: Readonly<Record<string, string | undefined>>): string {
  const known = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return known.length > 0 ? `/?${new URLSearchParams(known)}` : '/'
}

function table(runs: readonly RunView[]): Html {
  return html`<table class="runs">
    <thead><tr><th>Status</th><th>Run</th><th>Requester</th><th>Requested</th><th>Duration</th><th>Cost</th></tr></thead>
    <tbody>${runs.map(row)}</tbody>
  </table>`
}

function row(run: RunView): Html {
  const { id, repository, thread, prompt, requester, createdAt, costUsd } = run
  const number = thread ? ` #${thread.number}` : ''
  return html`<tr>
    <td class="status">${statusPill(run)}</td>
    <td class="what"><a href="/runs/${id}">${codeText(firstLine(prompt))}</a>
      <span class="muted">${repository}${number}${agentOf(run)}</span>${run.verdict ? verdictText(run.verdict) : ''}</td>
    <td class="who">${forPage(requester)}</td>
    <td class="when">${moment(createdAt)}</td>
    <td class="number">${runDuration(run)}</td>
    <td class="number">${costUsd === null ? html`<span class="muted">–</span>` : costText(costUsd)}</td>
  </tr>`
}

/** Most runs have the builtin agent, so only others are named. */
function agentOf({ agent }: RunView): string {
  const agents = agent ? (agent.worked ?? [agent.asked]) : []
  return agents.every((name) => name === 'builtin') ? '' : ` · ${agentsText(agents)}`
}

function firstLine(prompt: string): string {
  const line = prompt.trim().split('\n', 1)[0] ?? ''
  return line.length > 140 ? `${line.slice(0, 140).toWellFormed()}…` : line
}

function isLive({ status }: RunView): boolean {
  return status === 'queued' || status === 'running'
}

function empty(filtered: boolean, publicUrl: string): Html {
  if (filtered) return html`<section class="card"><p>No run matches. <a href="/">Show all</a></p></section>`
  return html`<section class="card">
    <h2>No runs yet</h2>
    <p>Comment on an issue or a pull request:</p>
    <pre class="block"><code>/backspace fix the failing test</code></pre>
    <p>or send a request:</p>
    <pre class="block"><code>curl -N ${publicUrl}/code \\
  -H 'Content-Type: application/json' \\
  -d '{"repoUrl":"https://github.com/owner/repo","prompt":"Fix the failing test"}'</code></pre>
  </section>`
}
