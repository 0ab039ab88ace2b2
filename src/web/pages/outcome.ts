import { html } from 'hono/html'
import { nextSteps } from '../../runs/summary/next-steps.ts'
import type { RunView } from '../run-view.ts'
import { inlineText, link, verdictText } from './elements.ts'
import type { Html } from './layout.ts'
import type { Prose } from './markdown.ts'

export interface ShownRun extends RunView {
  /** Null without a receipt. */
  readonly receiptUrl: string | null
  readonly traceUrl: string | null
  /** What similar runs took and cost; null with too few of them, and once this run has ended. */
  readonly similar: { readonly message: string; readonly meaning: string } | null
}

/** How the run ended, and what a person can do next. */
export function outcomePart(run: ShownRun, prose: Prose): Html {
  if (run.finishedAt === null) return html`<section id="part-outcome"></section>`
  return html`<section id="part-outcome" class="card outcome ${run.status}${run.draft ? ' draft' : ''}">
    <h2>${headline(run)}</h2>
    ${run.outcome === 'proof' ? '' : messagePart(run, prose)}
    ${run.verdict ? html`<p>${verdictText(run.verdict)}</p>` : ''}
    ${run.draft ? html`<p>The pull request says why it is a draft.</p>` : ''}
    ${run.pullRequestUrl ? html`<p>${link(run.pullRequestUrl, 'Open the pull request', 'button')}</p>` : ''}
    ${run.code ? html`<p class="muted">Code: <code>${run.code}</code></p>` : ''}
    ${nextPart(run)}
    ${run.commentUrl ? html`<p>${link(run.commentUrl, 'Open it in the thread')}</p>` : ''}
  </section>`
}

/** An agent's message is Markdown. The message about an opened pull request repeats its title, which is plain text. */
function messagePart({ outcome, message }: RunView, prose: Prose): Html {
  if (!message) return html``
  return outcome === 'pull_request' ? html`<p>${inlineText(message)}</p>` : prose(message)
}

function headline({ status, outcome, draft }: RunView): string {
  if (status === 'failed') return 'This run failed'
  if (status === 'cancelled') return 'This run was stopped'
  switch (outcome) {
    case 'pull_request':
      return draft ? 'Draft pull request' : 'Pull request'
    case 'answer':
      return 'Answered without a change'
    case 'triage':
      return 'Triage, without a model'
    case 'question':
      return 'A question for you'
    case 'plan':
      return 'A plan to approve'
    case 'proof':
      return 'Proof of a pull request'
    default:
      return 'Done'
  }
}

function nextPart(run: RunView): Html {
  const { inThread, byApi } = nextSteps(run)
  if (inThread === '') return html``
  const { thread } = run
  const place = thread?.kind === 'issue' ? 'On issue' : 'On pull request'
  return html`<details class="next" id="next"><summary>What you can do on GitHub or over the API</summary><ul>
    ${thread ? html`<li>${place} ${link(thread.url, `#${thread.number}`)}: ${inlineText(inThread)}</li>` : ''}
    <li>Over the API: ${inlineText(byApi)}</li>
  </ul></details>`
}
