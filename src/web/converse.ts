import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import { approvedRun, isPlan } from '../runs/approve-plan.ts'
import { isTerminal, type RunRequest } from '../runs/run.ts'
import { promptField } from '../triggers/code-request.ts'
import { parseJson, readBody, requireJson } from './read-request.ts'
import { runUrls } from './run-view.ts'
import { findRun } from './runs.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

const BODY_LIMIT = 1_048_576
const FIELDS = z.strictObject({ text: promptField })
const OPTIONAL_FIELDS = z.strictObject({ text: promptField.optional() })

/** What callers add to a run: a note while it is under way, their approval of a plan. */
export function createConverseHandlers(deps: WebDeps) {
  return {
    note: (c: Context<WebEnv>) => addNote(c, deps),
    approve: (c: Context<WebEnv>) => approvePlan(c, deps),
  }
}

/** Told to the agent before its next turn. A run that ends before that is followed by one of the note's own. */
async function addNote(c: Context<WebEnv>, deps: WebDeps): Promise<Response> {
  const { text } = await readFields(c, FIELDS)
  const run = await findRun(c, deps)
  if (isTerminal(run.status)) {
    throw new BackspaceError(
      'conflict',
      'This run has already ended. Start one that goes on from it: POST /code with its id as parentRunId.',
    )
  }
  const caller = c.var.caller.name
  const submitted = await deps.submit({
    key: `note:${randomUUID()}`,
    request: { ...ownRequest(run.request, caller), prompt: text, parentRunId: run.id },
    addTo: { target: { runId: run.id }, author: caller, text },
  })
  return accepted(c, deps, submitted.run.id)
}

/** A plan is carried out once, however often it is approved. */
async function approvePlan(c: Context<WebEnv>, deps: WebDeps): Promise<Response> {
  const { text } = c.req.header('content-type') ? await readFields(c, OPTIONAL_FIELDS) : {}
  const plan = await findRun(c, deps)
  if (!isPlan(plan)) {
    throw new BackspaceError(
      'conflict',
      'This run has no plan to approve. Start one with {"plan":true} and approve it when it has succeeded.',
    )
  }
  const requester = { login: c.var.caller.name }
  const { run } = await deps.submit(
    approvedRun(plan, { trigger: 'code', requester, ...(text === undefined ? {} : { text }) }),
  )
  return accepted(c, deps, run.id)
}

function ownRequest(request: RunRequest, login: string): RunRequest {
  const { comment: _asked, ...rest } = request
  return { ...rest, trigger: 'code', requester: { login } }
}

function accepted(c: Context<WebEnv>, deps: WebDeps, runId: string): Response {
  return c.json({ runId, ...runUrls(deps.publicUrl(), runId) }, 202)
}

async function readFields<T>(c: Context<WebEnv>, schema: z.ZodType<T>): Promise<T> {
  requireJson(c.req.raw)
  const parsed = schema.safeParse(parseJson(await readBody(c.req.raw, BODY_LIMIT)))
  if (parsed.success) return parsed.data
  throw new BackspaceError(
    'bad_request',
    'The body must be {"text":"…"}, with 1 to 100,000 characters and nothing else.',
  )
}
