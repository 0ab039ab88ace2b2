import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import { approvedRun, requireSameApproval } from '../runs/approve-plan.ts'
import type { Run } from '../runs/run.ts'
import { continueRequest, mayAct, RUN_ACTIONS, type RunAction, retryRequest } from '../runs/run-actions.ts'
import type { SubmitRunInput } from '../runs/submit-run.ts'
import { promptField } from '../triggers/code-request.ts'
import { requesterOf } from './code.ts'
import { followUpTo } from './converse.ts'
import type { ReadBody } from './read-body.ts'
import type { RunReader } from './run-view.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

interface ActDeps extends Pick<WebDeps, 'submit' | 'cancel'> {
  readonly reader: RunReader
  readonly readBody: ReadBody
}

/** The submitted form of a run's page. */
const formSchema = z.object({
  action: z.enum(RUN_ACTIONS),
  /** Idempotency key of the form: submitting it twice, with the same text, has the effect of once. */
  once: z.string().regex(/^[\w-]{8,64}$/),
  text: promptField.optional(),
  plan: promptField.optional(),
})
type ActForm = z.infer<typeof formSchema>

const FORM_LIMIT = { bytes: 1_048_576, ms: 30_000 }

/** `POST /runs/:id/act`: handles the forms of a run's page, with the same rights and the same audit entries as the API. */
export async function answerAct(
  c: Context<WebEnv>,
  { reader, readBody, submit, cancel }: ActDeps,
): Promise<Response> {
  const run = await reader.find(c, 'start')
  const form = await readForm(c, readBody)
  const { action } = form
  c.header('Cache-Control', 'no-store')
  if (!mayAct(run, action)) throw new BackspaceError('conflict', whyNot(action))
  if (action === 'stop') {
    await cancel(run.id, `Stopped by ${c.var.caller.name}.`)
    return c.redirect(`/runs/${run.id}?done=stop`, 303)
  }
  // A follow-up that arrived after the end of the run became a new run.
  const { id } = await carryOut(c, { run, form, action }, submit)
  return c.redirect(`/runs/${id}?done=${action}`, 303)
}

interface Asked {
  readonly run: Run
  readonly form: ActForm
  readonly action: Exclude<RunAction, 'stop'>
}

async function carryOut(
  c: Context<WebEnv>,
  asked: Asked,
  submit: WebDeps['submit'],
): Promise<Pick<Run, 'id'>> {
  const { runsPerHour: requestsPerHour } = c.var.caller
  const submission = submissionOf(c, asked)
  const { run } = await submit({ ...submission, requestsPerHour })
  if (asked.action === 'approve') requireSameApproval(run, submission)
  return run
}

function submissionOf(c: Context<WebEnv>, { run, form, action }: Asked): SubmitRunInput {
  const requester = requesterOf(c.var.caller)
  const asked = { trigger: 'code', comment: undefined, requester } as const
  const key = keyOf({ run, form, action })
  switch (action) {
    case 'note':
      return { ...followUpTo(run, { requester, author: c.var.caller.name, text: textOf(form) }), key }
    case 'approve':
      return approvedRun(run, { trigger: 'code', requester, text: form.text, edited: form.plan })
    case 'answer':
    case 'continue':
      return { key, request: continueRequest(run, { ...asked, text: textOf(form) }) }
    case 'retry':
      return { key, request: retryRequest(run, { ...asked, agent: undefined }) }
  }
}

/** A page that the Back button brings back has the old `once`, but may be submitted with different text, so the text counts too. */
function keyOf({ run, form: { once, text = '' }, action }: Asked): string {
  const sent = createHash('sha256').update(`${action}\n${once}\n${text}`).digest('base64url')
  return `page:${run.id}:${sent}`
}

function textOf({ text }: ActForm): string {
  if (text !== undefined) return text
  throw new BackspaceError('bad_request', 'Write something first.')
}

async function readForm(c: Context<WebEnv>, readBody: ReadBody): Promise<ActForm> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '')) {
    throw new BackspaceError('unsupported_media_type', 'Send one of the forms of the run’s page.')
  }
  const text = await readBody(c.req.raw, FORM_LIMIT, (body) => body.text())
  // Browsers send a line end as two characters, CR and LF.
  const fields = [...new URLSearchParams(text)].map(([name, value]) => [name, value.replaceAll('\r\n', '\n')])
  const parsed = formSchema.safeParse(Object.fromEntries(fields))
  if (parsed.success) return parsed.data
  const names = parsed.error.issues.map(({ path: [field], message }) =>
    field === 'text' || field === 'plan'
      ? `${field === 'text' ? 'The text' : 'The plan'} ${message}`
      : 'Load the page of the run again',
  )
  throw new BackspaceError('bad_request', `This form is not valid. ${[...new Set(names)].join('. ')}.`)
}

function whyNot(action: RunAction): string {
  if (action === 'stop') return 'This run has already ended.'
  if (action === 'note') return 'This run takes no follow-up: it has ended, or no agent works in it.'
  if (action === 'approve') return 'This run has no plan to approve.'
  return 'This run is no longer in a state that allows this. Reload its page.'
}
