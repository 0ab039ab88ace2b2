import { html } from 'hono/html'
import { agentsText } from '../../text/agent-name.ts'
import { costText } from '../../text/amounts.ts'
import { forPage } from '../../text/hidden-characters.ts'
import type { RunView } from '../run-view.ts'
import { codeText, moment, runDuration, statusPill, verdictText } from './elements.ts'
import type { Html } from './layout.ts'

/** A table with a row for each run. */
export function runsTable(runs: readonly RunView[], caption: string): Html {
  return html`<table class="runs">
    <caption class="sr">${caption}</caption>
    <thead><tr><th scope="col">Status</th><th scope="col">Run</th><th scope="col">Requester</th><th scope="col">Requested</th><th scope="col">Duration</th><th scope="col">Cost</th></tr></thead>
    <tbody>${runs.map(row)}</tbody>
  </table>`
}

function row(run: RunView): Html {
  const { id, requester, createdAt, costUsd } = run
  return html`<tr>
    <td class="status">${statusPill(run)}</td>
    <td class="what"><a href="/runs/${id}">${runTitle(run)}</a>
      ${runPlace(run)}${run.verdict ? verdictText(run.verdict) : ''}</td>
    <td class="who">${forPage(requester)}</td>
    <td class="when">${moment(createdAt)}</td>
    <td class="number">${runDuration(run)}</td>
    <td class="number">${costUsd === null ? html`<span class="muted">–</span>` : costText(costUsd)}</td>
  </tr>`
}

/** The first line of the prompt; the title of the issue if a label started the run. */
export function runTitle({ prompt, thread, trigger }: RunView): Html {
  return codeText(firstLine(trigger === 'label' && thread ? thread.title : prompt))
}

/** The repository and thread of a run, and its agents unless only the builtin one works. */
export function runPlace({ repository, thread, agent }: RunView): Html {
  const agents = agent ? (agent.worked ?? [agent.asked]) : []
  const named = agents.every((name) => name === 'builtin') ? '' : ` · ${agentsText(agents)}`
  return html`<span class="muted">${repository}${thread ? ` #${thread.number}` : ''}${named}</span>`
}

function firstLine(prompt: string): string {
  const line = prompt.trim().split('\n', 1)[0] ?? ''
  return line.length > 140 ? `${line.slice(0, 140).toWellFormed()}…` : line
}
