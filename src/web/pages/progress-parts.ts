import { html } from 'hono/html'
import { durationText } from '../../runs/amount-text.ts'
import type { Html } from './layout.ts'
import { elapsedSince } from './moment.ts'
import { shownText } from './shown-text.ts'
import { STEP_NAMES } from './step-names.ts'
import type { RunSummary, StepState } from './summarize-run.ts'

/** The steps of the run, in order, each with its state and time. */
export function stepsPart({ steps }: RunSummary): Html {
  return html`<section id="part-steps" class="card" aria-labelledby="steps-title">
    <h2 id="steps-title">Steps</h2>
    <ol class="steps">${steps.map(
      (step) => html`<li class="${step.state}" title="${shownText(step.message)}">
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
export function planPart({ plan }: RunSummary): Html {
  if (plan.length === 0) return html`<section id="part-plan"></section>`
  return html`<section id="part-plan" class="card" aria-labelledby="plan-title">
    <h2 id="plan-title">Plan</h2>
    <ol class="plan">${plan.map(
      ({ text, status }) =>
        html`<li class="${status}"><span class="sr">${status.replace('_', ' ')}: </span>${shownText(text)}</li>`,
    )}</ol>
  </section>`
}

/** The repository's own checks, before and after. */
export function checksPart({ checks }: RunSummary): Html {
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
      : html`<span class="${result.exitCode === 0 ? 'passed' : 'failed'}">${result.exitCode === 0 ? 'passed' : `failed (${result.exitCode})`}</span>`
  return html`<li><code>${shownText(command)}</code>
    <p><span class="sr">before: </span>${verdict(before)}
      ${after ? html`<span class="muted" aria-hidden="true">→</span> <span class="sr">after: </span>${verdict(after)}` : ''}</p>
    ${
      last && last.tail.trim() !== ''
        ? html`<details id="check-${index}"><summary>Output</summary>
          <pre class="block" tabindex="0"><code>${shownText(last.tail)}</code></pre></details>`
        : ''
    }</li>`
}
