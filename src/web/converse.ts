import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import type { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import { approvedRun, isPlan, requireSameApproval } from '../runs/approve-plan.ts'
import { isTerminal, type Requester, type Run, type RunRequest } from '../runs/run.ts'
import { hasAgent } from '../runs/settings-request.ts'
import type { SubmitRunInput } from '../runs/submit-run.ts'
import { type AcceptedBody, approvalBody, followUpBody } from './bodies.ts'
import { requesterOf } from './code.ts'
import type { ReadBody } from './read-body.ts'
import { readJson } from './read-request.ts'
import { type RunReader, runUrls } from './run-view.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

type ConverseDeps = Pick<WebDeps, 'submit' | 'publicUrl'> & {
  readonly reader: RunReader
  readonly readBody: ReadBody
}

/**
 * `POST /runs/:id/notes`: a follow-up, which the agent gets before its next turn. If the run ends before that, the
 * follow-up starts a run of its own.
 */
export async function addFollowUp(c: Context<WebEnv>, deps: ConverseDeps): Promise<Response> {
  const run = await deps.reader.find(c, 'start')
  const { text } = await readFields(c, followUpBody, deps.readBody)
  if (isTerminal(run.status)) {
    throw new BackspaceError(
      'conflict',
      'This run has already ended. Start a run that continues it: POST /code with its id as parentRunId.',
    )
  }
  if (!hasAgent(run.request)) {
    throw new BackspaceError(
      'conflict',
      'No agent works in this run, so it takes no follow-up. Start a run: POST /code.',
    )
  }
  const { name: author, runsPerHour: requestsPerHour } = c.var.caller
  const submitted = await deps.submit({
    key: `note:${randomUUID()}`,
    ...followUpTo(run, { requester: requesterOf(c.var.caller), author, text }),
    requestsPerHour,
  })
  return accepted(c, submitted.run.id, deps.publicUrl())
}

/** `POST /runs/:id/approve`: starts the run that carries out a plan; approving it again in the same words finds the same run. */
export async function approvePlan(c: Context<WebEnv>, deps: ConverseDeps): Promise<Response> {
  const plan = await deps.reader.find(c, 'start')
  const { text, plan: edited } = c.req.header('content-type')
    ? await readFields(c, approvalBody, deps.readBody)
    : {}
  if (!isPlan(plan)) {
    throw new BackspaceError(
      'conflict',
      'This run has no plan to approve. Start one with {"plan":true} and approve it when it has succeeded.',
    )
  }
  const { runsPerHour: requestsPerHour } = c.var.caller
  const approved = approvedRun(plan, { trigger: 'code', requester: requesterOf(c.var.caller), text, edited })
  const { run } = await deps.submit({ ...approved, requestsPerHour })
  requireSameApproval(run, approved)
  return accepted(c, run.id, deps.publicUrl())
}

/** A follow-up to a run that has not ended, and the run that it becomes if it comes too late. */
export function followUpTo(
  run: Pick<Run, 'id' | 'request'>,
  {
    requester,
    author,
    text,
  }: { readonly requester: Requester; readonly author: string; readonly text: string },
): Pick<SubmitRunInput, 'request' | 'addTo'> {
  return {
    request: { ...ownRequest(run.request, requester), prompt: text, parentRunId: run.id },
    addTo: { target: { runId: run.id }, author, text },
  }
}

function ownRequest(request: RunRequest, requester: Requester): RunRequest {
  const { comment: _asked, ...rest } = request
  return { ...rest, trigger: 'code', requester }
}

function accepted(c: Context<WebEnv>, runId: string, publicUrl: string): Response {
  return c.json({ runId, ...runUrls(publicUrl, runId) } satisfies AcceptedBody, 202)
}

async function readFields<T>(c: Context<WebEnv>, schema: z.ZodType<T>, readBody: ReadBody): Promise<T> {
  const parsed = schema.safeParse(await readJson(c.req.raw, readBody))
  if (parsed.success) return parsed.data
  throw new BackspaceError(
    'bad_request',
    'The body must be {"text":"…"}, with 1 to 100,000 characters; for a plan also {"plan":"…"}, and nothing else.',
  )
}
