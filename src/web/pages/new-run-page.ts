import { html } from 'hono/html'
import { costText } from '../../text/amounts.ts'
import { type Html, layout } from './layout.ts'

/** The fields of the form, as text; empty for fields that were not filled in. */
export interface NewRunFields {
  readonly key: string
  /** `owner/name`, or the address of a repository. */
  readonly repository: string
  readonly prompt: string
  readonly base: string
  readonly model: string
  readonly agent: string
  readonly budgetUsd: string
  readonly plan: boolean
  readonly draft: boolean
}

interface NewRunData {
  readonly fields: NewRunFields
  /** What is wrong with the submitted form. */
  readonly problem: string | undefined
  /** `owner/name` of the repositories that the form suggests. */
  readonly repositories: readonly string[]
  readonly budgetCapUsd: number
  readonly account: string | undefined
}

const AGENTS = [
  ['', 'default of the repository or the operator'],
  ['builtin', 'builtin'],
  ['claude-code', 'Claude Code'],
  ['dummy', 'dummy, without a model'],
] as const

/** What the form calls the fields of `POST /code`. */
export const FIELD_LABELS = {
  repoUrl: 'Repository',
  prompt: 'What to do',
  budgetUsd: 'Budget in dollars',
  base: 'Base branch',
  agent: 'Agent',
  model: 'Model',
} as const

/** The form that starts a run. */
export function newRunPage({ fields, problem, repositories, budgetCapUsd, account }: NewRunData): Html {
  const { key, repository, prompt, base, model, agent, budgetUsd, plan, draft } = fields
  const more = [base, model, agent, budgetUsd].some((text) => text !== '') || draft
  return layout({
    title: 'New run',
    account,
    here: '/new',
    styles: ['new-run.css'],
    content: html`<form class="new-run" method="post" action="/new" aria-labelledby="title">
      <h1 id="title">New run</h1>
      ${problem === undefined ? '' : html`<p class="problem" role="alert" id="problem">${problem}</p>`}
      <input type="hidden" name="key" value="${key}">
      <label for="repository">${FIELD_LABELS.repoUrl}</label>
      <input id="repository" name="repository"${value(repository)} list="repositories" required placeholder="owner/name" autocomplete="off" autocapitalize="none" spellcheck="false"${repository === '' ? html` autofocus` : ''}>
      <datalist id="repositories">${repositories.map((name) => html`<option value="${name}"></option>`)}</datalist>
      <label for="prompt">${FIELD_LABELS.prompt}</label>
      <textarea id="prompt" name="prompt" rows="7" required maxlength="100000" placeholder="Fix the failing test in src/sum.ts"${repository === '' ? '' : html` autofocus`}>${prompt}</textarea>
      <label class="check"><input type="checkbox" name="plan"${plan ? html` checked` : ''}><span>Plan first<small>The agent makes a plan and changes nothing; you approve the plan on the page of the run.</small></span></label>
      <details${more ? html` open` : ''}><summary>More options</summary><div class="fields">
        <div class="field"><label for="budgetUsd">${FIELD_LABELS.budgetUsd}</label><input id="budgetUsd" name="budgetUsd"${value(budgetUsd)} inputmode="decimal" placeholder="at most ${costText(budgetCapUsd).slice(1)}" autocomplete="off"></div>
        <div class="field"><label for="base">${FIELD_LABELS.base}</label><input id="base" name="base"${value(base)} placeholder="the default branch" autocomplete="off" autocapitalize="none" spellcheck="false"></div>
        <div class="field"><label for="agent">${FIELD_LABELS.agent}</label><select id="agent" name="agent">${AGENTS.map(([name, text]) => html`<option value="${name}"${name === agent ? html` selected` : ''}>${text}</option>`)}</select></div>
        <div class="field"><label for="model">${FIELD_LABELS.model}</label><input id="model" name="model"${value(model)} placeholder="provider:model" autocomplete="off" autocapitalize="none" spellcheck="false"></div>
        <label class="check"><input type="checkbox" name="draft"${draft ? html` checked` : ''}><span>Open a draft pull request</span></label>
      </div></details>
      <div class="go"><button type="submit">Start the run</button><a href="/">Cancel</a></div>
      <p class="muted">This starts the same run as <code>POST /code</code>, with your rights on the repository. The run spends at most ${costText(budgetCapUsd)}.</p>
    </form>`,
  })
}

function value(text: string): Html {
  return text === '' ? html`` : html` value="${text}"`
}
