import { html } from 'hono/html'
import type { Waiting } from '../../runs/admission/waiting.ts'
import { allSteps, currentLine, type RunState } from '../../runs/summary/run-state.ts'
import { agentsOf, costOf, totalCost } from '../../runs/summary/run-usage.ts'
import { queueText, STEP_NAMES } from '../../runs/summary/sentences.ts'
import { agentsText } from '../../text/agent-name.ts'
import { forPage } from '../../text/hidden-characters.ts'
import type { RunView } from '../run-view.ts'
import { link, moment, runDuration, statusPill } from './elements.ts'
import type { Html } from './layout.ts'

interface RunHead {
  readonly run: RunView
  readonly state: RunState
  readonly waiting: Waiting | null
}

/** The head of a run's page: status, facts, and what happens now. */
export function headPart({ run, state, waiting }: RunHead): Html {
  const isLive = run.finishedAt === null && state.ending === null
  return html`<div id="part-head" class="run-head" data-status="${run.status}">
    <div class="facts">${statusPill(run)}${facts(run, state)}</div>
    ${isLive ? nowBlock(waiting ? waitingLine(waiting) : currentLine(state), state) : ''}
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

function nowBlock(line: string, state: RunState): Html {
  const steps = allSteps(state)
  const running = steps.find((step) => step.state === 'running')
  const done = steps.filter(({ state: reached }) => reached !== 'waiting' && reached !== 'running').length
  return html`<div class="now">
    <p class="now-line" aria-live="polite">${running ? html`<b>${STEP_NAMES[running.step]}</b> ` : ''}<span>${forPage(line)}</span></p>
    <progress max="${steps.length}" value="${done}" aria-label="${done} of ${steps.length} steps done"></progress>
    <pre id="live-output" class="block" aria-label="Output of the running command" hidden tabindex="0"></pre>
  </div>`
}
