import { html } from 'hono/html'
import type { ChecksFinishedEvent } from '../../runs/run-event.ts'
import { allSteps, type ChecksState, type RunState, type StepState } from '../../runs/summary/run-state.ts'
import { STEP_NAMES, sentenceOf } from '../../runs/summary/sentences.ts'
import { durationText } from '../../text/amounts.ts'
import { checkEnding, checkText } from '../../text/check-ending.ts'
import { forPage } from '../../text/hidden-characters.ts'
import { elapsedSince, inlineText, link, shortTime, stepSign } from './elements.ts'
import type { Html } from './layout.ts'
import type { ShownRun } from './outcome.ts'

/** The steps of the run, in order, each with its state and time. */
export function stepsPart(state: RunState): Html {
  return html`<section id="part-steps" class="card" aria-labelledby="steps-title">
    <h2 id="steps-title">Steps</h2>
    <ol class="steps">${allSteps(state).map(
      (
        step,
      ) => html`<li class="${step.state}"${step.message === '' ? '' : html` title="${forPage(step.message)}"`}>
        ${stepSign(step.state)}<span class="name">${STEP_NAMES[step.step]}</span>
        <span class="sr">${step.state.replace('_', ' ')}</span><span class="duration">${stepTime(step)}</span></li>`,
    )}</ol>
  </section>`
}

function stepTime({ state, startedAt, durationMs }: StepState): Html | string {
  if (startedAt !== null) return elapsedSince(startedAt)
  if (state === 'skipped') return 'skipped'
  return durationMs === null ? '' : shortTime(durationMs)
}

/** The agent's own plan. */
export function planPart({ plan }: RunState): Html {
  if (plan.length === 0) return html`<section id="part-plan"></section>`
  return html`<section id="part-plan" class="card" aria-labelledby="plan-title">
    <h2 id="plan-title">Plan</h2>
    <ol class="plan">${plan.map(
      ({ text, status }) =>
        html`<li class="${status}"><span class="sr">${status.replace('_', ' ')}: </span><span>${inlineText(text)}</span></li>`,
    )}</ol>
  </section>`
}

/** The repository's own checks, before and after the change. */
export function checksPart({ checks }: RunState): Html {
  const { before, after } = checks
  if (before === null && after === null) return html`<section id="part-checks" data-version="0"></section>`
  const results = [...(before?.results ?? []), ...(after?.results ?? [])]
  const commands = [...new Set(results.map(({ command }) => command))]
  return html`<section id="part-checks" data-version="${before?.seq ?? 0}-${after?.seq ?? 0}" class="card" aria-labelledby="checks-title">
    <h2 id="checks-title">Checks</h2>
    ${commands.length === 0 ? html`<p class="muted">None were found in this repository.</p>` : ''}
    <ul class="checks">${commands.map((command, index) => checkRow(command, index, checks))}</ul>
  </section>`
}

type CheckResult = ChecksFinishedEvent['results'][number]

function checkRow(command: string, index: number, checks: ChecksState): Html {
  const before = checks.before?.results.find((result) => result.command === command)
  const after = checks.after?.results.find((result) => result.command === command)
  const tail = (after ?? before)?.tail.trim() ?? ''
  return html`<li><code>${forPage(command)}</code>
    <p><span class="sr">before: </span>${verdict(before)}
      ${checks.after ? html`<span class="muted" aria-hidden="true">→</span> <span class="sr">after: </span>${verdict(after)}` : ''}</p>
    ${
      tail === ''
        ? ''
        : html`<details id="check-${index}"><summary>Output</summary>
          <pre class="block" tabindex="0"><code>${forPage(tail)}</code></pre></details>`
    }</li>`
}

function verdict(result: CheckResult | undefined): Html {
  if (result === undefined) return html`<span class="muted">not run</span>`
  return html`<span class="${VERDICT_CLASSES[checkEnding(result)]}">${inlineText(checkText(result))}</span>`
}

const VERDICT_CLASSES = {
  passed: 'passed',
  flaky: 'passed',
  failed: 'failed',
  cannot_run: 'unproven',
  did_not_end: 'unproven',
  not_started: 'unproven',
} as const

/** What the setup commands printed and why one of them failed, or what the setup cache gave instead. */
export function setupPart({ setup }: RunState): Html {
  const cached = setup?.cache?.result === 'hit' ? setup.cache : undefined
  if (setup === null || (setup.results.length === 0 && setup.reason === undefined && !cached)) {
    return html`<section id="part-setup" data-version="0"></section>`
  }
  return html`<section id="part-setup" data-version="${setup.seq}" class="card" aria-labelledby="setup-title">
    <h2 id="setup-title">Setup</h2>
    ${setup.reason === undefined ? '' : html`<p class="reason">${inlineText(setup.reason)}</p>`}
    ${cached ? html`<p>${sentenceOf(setup)}, which saved ${durationText(cached.savedMs)}.</p>` : ''}
    ${
      setup.results.length === 0
        ? ''
        : html`<ul class="checks">${setup.results.map(
            ({ command, exitCode, durationMs, output }, index) => html`<li><code>${forPage(command)}</code>
      <p><span class="${exitCode === 0 ? 'passed' : 'failed'}">${exitCode === 0 ? 'ok' : `exit code ${exitCode}`}</span>
        <span class="muted">${durationText(durationMs)}</span></p>
      ${
        output.trim() === ''
          ? ''
          : html`<details id="setup-${index}"><summary>Output</summary>
          <pre class="block log" tabindex="0"><code>${forPage(output)}</code></pre></details>`
      }</li>`,
          )}</ul>`
    }
  </section>`
}

/** The records of a run that a reader can download or open elsewhere. */
export function recordsPart({ id, receiptUrl, traceUrl, finishedAt }: ShownRun, changed: boolean): Html {
  const page = `/runs/${id}`
  return html`<section id="part-records" class="card records" aria-labelledby="records-title">
    <h2 id="records-title">Records</h2>
    <ul>
      ${traceUrl === null ? '' : html`<li>${link(traceUrl, 'Trace in LangSmith')}</li>`}
      ${receiptUrl === null ? '' : html`<li>${link(receiptUrl, 'Signed receipt of the verification')} <span class="muted">check it with <code>npm run verify</code></span></li>`}
      <li><a href="${page}/events.json" download>Events as JSON</a></li>
      <li><a href="${page}/log.txt" download>Log as text</a></li>
      ${finishedAt === null || !changed ? '' : html`<li><a href="${page}/change.patch" download>Change as a patch</a> <span class="muted">for <code>git apply</code></span></li>`}
    </ul>
  </section>`
}
