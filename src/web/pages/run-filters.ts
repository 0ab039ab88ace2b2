import { html } from 'hono/html'
import type { RunListQuery } from '../bodies.ts'
import type { Html } from './layout.ts'

type Filters = Omit<RunListQuery, 'limit' | 'before'>

interface Choice {
  readonly name: keyof Filters
  readonly label: string
  /** The text of each value. */
  readonly options: Readonly<Record<string, string>>
}

const STATUS: Choice = {
  name: 'status',
  label: 'Status',
  options: {
    queued: 'queued',
    running: 'running',
    succeeded: 'succeeded',
    failed: 'failed',
    cancelled: 'stopped',
  },
}
const OUTCOME: Choice = {
  name: 'outcome',
  label: 'Outcome',
  options: {
    pull_request: 'pull request',
    answer: 'answer',
    triage: 'triage',
    question: 'question',
    plan: 'plan',
    proof: 'proof',
  },
}
const VERDICT: Choice = {
  name: 'verdict',
  label: 'Verdict',
  options: { good: 'proved', neutral: 'not sure', bad: 'worse' },
}
const TRIGGER: Choice = {
  name: 'trigger',
  label: 'Started by',
  options: { comment: 'comment', label: 'label', code: 'API or page', pull_request: '“prove: always”' },
}

/** The form that filters runs. It is a plain GET form, so it works without JavaScript and its address can be shared. */
export function runFilters(query: Filters): Html {
  const { repository, requester, trigger, verdict, model, text } = query
  const more = [repository, requester, trigger, verdict, model].some((value) => value !== undefined)
  return html`<form class="run-filters" method="get" action="/runs" role="search" aria-label="Runs">
    <label class="grow"><span>Text</span><input type="search" name="text"${given(text)} maxlength="200" placeholder="Words of the prompt or title" autocomplete="off"></label>
    ${choice(STATUS, query)}${choice(OUTCOME, query)}
    <details class="more"${more ? html` open` : ''}><summary>More filters</summary><div class="fields">
      <label><span>Repository</span><input name="repository"${given(repository)} placeholder="owner/name" pattern="[\\w.\\-]+/[\\w.\\-]+" title="owner/name" autocapitalize="none" spellcheck="false"></label>
      <label><span>Requester</span><input name="requester"${given(requester)} placeholder="login or token" autocapitalize="none" spellcheck="false"></label>
      ${choice(TRIGGER, query)}${choice(VERDICT, query)}
      <label><span>Model</span><input name="model"${given(model)} placeholder="provider:model" autocapitalize="none" spellcheck="false"></label>
    </div></details>
    <div class="go"><button type="submit">Filter</button>${isFiltered(query) ? html`<a href="/runs">Clear</a>` : ''}</div>
  </form>`
}

function given(value: string | undefined): Html {
  return value === undefined ? html`` : html` value="${value}"`
}

function choice({ name, label, options }: Choice, query: Filters): Html {
  const option = (value: string, text: string) =>
    html`<option value="${value}"${query[name] === value ? html` selected` : ''}>${text}</option>`
  return html`<label><span>${label}</span><select name="${name}">${option('', 'any')}${Object.entries(options).map(([value, text]) => option(value, text))}</select></label>`
}

export function isFiltered({ limit: _, before: __, ...filters }: Filters & Partial<RunListQuery>): boolean {
  return Object.values(filters).some((value) => value !== undefined)
}

/** Address of a page of the same list. */
export function runsAddress(query: Partial<RunListQuery>): string {
  const known = Object.entries(query).filter(
    ([name, value]) => value !== undefined && !(name === 'limit' && value === 50),
  )
  const search = new URLSearchParams(known.map(([name, value]): [string, string] => [name, String(value)]))
  return known.length > 0 ? `/runs?${search}` : '/runs'
}
