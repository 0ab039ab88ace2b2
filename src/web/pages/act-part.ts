import { html } from 'hono/html'
import { actionsOf, type RunAction } from '../../runs/run-actions.ts'
import { forPage } from '../../text/hidden-characters.ts'
import type { RunView } from '../run-view.ts'
import type { Html } from './layout.ts'

/** What the reader of a page may do to its run. */
export interface MayAct {
  /** Id of one submission of a form, so that submitting it twice has the effect of once. */
  readonly once: string
}

/** The forms with which a reader acts on a run; empty for a reader who may not act. They work without JavaScript. */
export function actPart(run: RunView, may: MayAct | undefined): Html {
  if (may === undefined) return html`<section id="part-act" data-status="${run.status}"></section>`
  const actions = actionsOf(run)
  return html`<section id="part-act" class="card act" data-status="${run.status}" aria-labelledby="act-title">
    <h2 id="act-title">${headline(run)}</h2>
    ${actions.map((action) => FORMS[action]({ run, once: may.once }))}
  </section>`
}

function headline({ outcome, finishedAt }: RunView): string {
  if (finishedAt === null) return 'While it runs'
  if (outcome === 'plan') return 'Decide about this plan'
  return outcome === 'question' ? 'Answer the question' : 'What next?'
}

interface FormParts {
  readonly run: RunView
  readonly once: string
}

const FORMS: Readonly<Record<RunAction, (parts: FormParts) => Html>> = {
  stop: (parts) =>
    folded(
      'stop',
      'Stop this run',
      html`<p>What the run has done so far stays on this page. Nothing is published.</p>${form(parts, 'stop', html`<button class="danger" type="submit">Stop it now</button>`)}`,
    ),
  note: (parts) =>
    form(
      parts,
      'note',
      html`${words({ id: 'note-text', label: 'Add something for the agent', rows: 1 })}<button type="submit">Add</button>`,
    ),
  approve: (
    parts,
  ) => html`${form(parts, 'approve', html`<button type="submit">Approve and carry out</button>`)}
    ${folded('edit-plan', 'Edit, then approve', form(parts, 'approve', html`${words({ id: 'plan-text', name: 'plan', label: 'The plan', rows: 12, value: parts.run.message ?? '' })}<button type="submit">Approve the edited plan</button>`))}`,
  answer: (parts) =>
    form(
      parts,
      'answer',
      html`${words({ id: 'answer-text', label: 'Your answer', rows: 3 })}<button type="submit">Answer and continue</button>`,
    ),
  continue: (parts) => {
    const isPlan = parts.run.outcome === 'plan'
    const label = isPlan ? 'What the plan should do instead' : 'What to do next'
    return folded(
      'continue',
      isPlan ? 'Ask for another plan' : 'Continue from here',
      form(
        parts,
        'continue',
        html`${words({ id: 'continue-text', label, rows: 3 })}<button type="submit">${isPlan ? 'Make a new plan' : 'Continue'}</button>`,
      ),
    )
  },
  retry: (parts) =>
    folded(
      'retry',
      'Run the request again',
      html`<p>A new run starts over with the same request and options.</p>${form(parts, 'retry', html`<button type="submit">Start it again</button>`)}`,
    ),
}

function form({ run, once }: FormParts, action: RunAction, content: Html): Html {
  return html`<form class="stack act-${action}" method="post" action="/runs/${run.id}/act">
    <input type="hidden" name="action" value="${action}"><input type="hidden" name="once" value="${once}">${content}</form>`
}

function folded(id: string, title: string, content: Html): Html {
  return html`<details class="act-more" id="act-${id}"><summary>${title}</summary>${content}</details>`
}

function words(field: {
  readonly id: string
  readonly name?: string
  readonly label: string
  readonly rows: number
  readonly value?: string
}): Html {
  const { id, name = 'text', label, rows, value = '' } = field
  return html`<label for="${id}">${label}</label><textarea id="${id}" name="${name}" rows="${rows}" maxlength="100000" required>${forPage(value)}</textarea>`
}

/** The notice after a form was submitted, by the action that the address names. */
const DONE = {
  stop: 'The run was stopped.',
  note: 'The agent gets this before its next turn.',
  approve: 'The plan is approved. This run carries it out.',
  answer: 'Your answer is on its way. This run continues with it.',
  continue: 'This run continues from the previous one.',
  retry: 'This run repeats the request.',
} as const satisfies Record<RunAction, string>

export function doneNotice(done: RunAction | undefined): Html {
  return done === undefined ? html`` : html`<p class="notice good" role="status">${DONE[done]}</p>`
}
