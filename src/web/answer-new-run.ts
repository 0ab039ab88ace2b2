import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { BackspaceError, knownError } from '../errors.ts'
import { idempotencyOf } from '../runs/idempotency-of.ts'
import type { KnownRepository } from '../runs/stats/known-repositories.ts'
import { statusOf } from './answer-error.ts'
import { accountOf, noStore } from './answer-headers.ts'
import { type CodeDeps, prepareRun } from './code.ts'
import { FIELD_LABELS, type NewRunFields, newRunPage } from './pages/new-run-page.ts'
import { visibleRepositories } from './visible-repositories.ts'
import type { WebDeps } from './web-deps.ts'
import type { Caller, WebEnv } from './web-env.ts'

type NewRunDeps = CodeDeps & Pick<WebDeps, 'repositories'>

/** Size of the largest form: a prompt of 100,000 characters, percent-encoded. */
const FORM_LIMIT = { bytes: 1_048_576, ms: 30_000 }
/** Most repositories that the form suggests; any other can be typed. */
const OFFERED = 100

/** `GET /new`: the form that starts a run. Its query fills it in, so that a page can link to it. */
export async function answerNewRun(c: Context<WebEnv>, deps: NewRunDeps): Promise<Response> {
  deps.permits.requireRight(c.var.caller, 'start')
  return drawForm(c, deps, { fields: fieldsOf(new URLSearchParams(c.req.query())) })
}

/** `POST /new`: starts a run as `POST /code` does, and shows its page. Submitting the same form twice starts one run. */
export async function startFromForm(c: Context<WebEnv>, deps: NewRunDeps): Promise<Response> {
  const { caller } = c.var
  deps.permits.requireRight(caller, 'start')
  const fields = fieldsOf(await readForm(c, deps))
  try {
    const { request, asked } = await prepareRun(caller, requestOf(fields, deps), {
      ...deps,
      rules: { ...deps.rules, nameOf },
    })
    const { name, runsPerHour: requestsPerHour } = caller
    const body = JSON.stringify(asked)
    // A form that the Back button brings back has the old key, but may be submitted with different text.
    const key = { caller: name, key: `form:${fields.key}\n${body}`, body }
    const { run } = await deps.submit({ request, requestsPerHour, ...idempotencyOf(key) })
    return c.redirect(`/runs/${run.id}`, 303)
  } catch (error) {
    const known = knownError(error)
    if (known === undefined || statusOf(known.code) >= 500) throw error
    return drawForm(c, deps, { fields, problem: known })
  }
}

async function drawForm(
  c: Context<WebEnv>,
  deps: NewRunDeps,
  { fields, problem }: { readonly fields: NewRunFields; readonly problem?: BackspaceError | undefined },
): Promise<Response> {
  const { caller } = c.var
  noStore(c)
  const page = newRunPage({
    fields,
    problem: problem?.userMessage,
    repositories: await writable(caller, deps),
    budgetCapUsd: deps.rules.budgetCapUsd,
    account: accountOf(caller),
  })
  return c.html(page, problem === undefined ? 200 : statusOf(problem.code))
}

/** Repositories that the caller may start runs on, by GitHub's answers of the last minutes. Starting a run asks GitHub again. */
async function writable(caller: Caller, deps: NewRunDeps): Promise<readonly string[]> {
  const { permits, repositories } = deps
  const visible = await visibleRepositories(caller, { permits, repositories })
  const known: readonly KnownRepository[] = (visible ?? (await repositories())).slice(0, OFFERED)
  const may = await Promise.all(known.map((repository) => permits.seemsWriter(caller, repository)))
  return [
    ...new Set(known.filter((_, index) => may[index]).map(({ owner, name }) => `${owner}/${name}`)),
  ].sort()
}

function fieldsOf(form: URLSearchParams): NewRunFields {
  const field = (name: string) => (form.get(name) ?? '').trim()
  return {
    // The form has its own key, so that pressing the button twice finds the run of the first press.
    key: /^[\w-]{8,64}$/.test(field('key')) ? field('key') : randomUUID(),
    repository: field('repository'),
    prompt: field('prompt'),
    base: field('base'),
    model: field('model'),
    agent: field('agent'),
    budgetUsd: field('budgetUsd'),
    plan: field('plan') !== '',
    draft: field('draft') !== '',
  }
}

function nameOf(field: string): string {
  const labels: Readonly<Record<string, string>> = FIELD_LABELS
  return `“${labels[field] ?? field}”`
}

/** The form as the body of `POST /code`. */
function requestOf(fields: NewRunFields, { rules }: NewRunDeps): object {
  const { repository, prompt, base, model, agent, budgetUsd, plan, draft } = fields
  const dollars = budgetUsd.replace(/^\$/, '').replace(',', '.')
  const given = (text: string) => (text === '' ? undefined : text)
  return {
    repoUrl: /^[\w.-]+\/[\w.-]+$/.test(repository) ? `${rules.webUrl}/${repository}` : repository,
    prompt,
    base: given(base),
    model: given(model),
    agent: given(agent),
    budgetUsd: dollars === '' ? undefined : Number(dollars),
    plan: plan || undefined,
    draft: draft || undefined,
  }
}

async function readForm(c: Context<WebEnv>, { readBody }: NewRunDeps): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '')) {
    throw new BackspaceError('unsupported_media_type', 'Send the form of the page "New run".')
  }
  return new URLSearchParams(await readBody(c.req.raw, FORM_LIMIT, (body) => body.text()))
}
