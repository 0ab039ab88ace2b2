import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { BackspaceError } from '../errors.ts'
import { idempotencyOf } from '../runs/idempotency-of.ts'
import { isTerminal, type RepositoryTarget, type Requester, type Run, type RunRequest } from '../runs/run.ts'
import { hasAgent } from '../runs/settings-request.ts'
import { repositoryKey } from '../runs/store/run-rows.ts'
import type { SubmitRunInput } from '../runs/submit-run.ts'
import { type CodeRequestRules, parseCodeRequest } from '../triggers/code-request.ts'
import type { Permits } from './access/permits.ts'
import type { AcceptedBody } from './bodies.ts'
import type { ReadBody } from './read-body.ts'
import { readJson, wantsOnlyJson } from './read-request.ts'
import { runUrls } from './run-view.ts'
import type { StreamRun } from './stream/stream-run.ts'
import type { WebDeps } from './web-deps.ts'
import type { Caller, WebEnv } from './web-env.ts'

/** The dependencies of starting a run over HTTP. */
export interface StartDeps extends Pick<WebDeps, 'submit' | 'publicUrl'> {
  readonly rules: CodeRequestRules
  readonly permits: Permits
  readonly readBody: ReadBody
  readonly stream: StreamRun
}

export interface CodeDeps extends StartDeps, Pick<WebDeps, 'runs'> {}

/** `POST /code`: starts a run and streams it to its end. Every error in the request is answered before the stream starts. */
export async function startRun(c: Context<WebEnv>, deps: CodeDeps): Promise<Response> {
  const { caller } = c.var
  deps.permits.requireRight(caller, 'start')
  return answerWithRun(c, deps, await prepareRun(caller, await readJson(c.req.raw, deps.readBody), deps))
}

/**
 * Checks the body of a request, and returns the run that it asks for.
 *
 * @param json the body of `POST /code`.
 * @throws {BackspaceError} if the body, the repository or the run that it continues is wrong.
 */
export async function prepareRun(
  caller: Caller,
  json: unknown,
  { rules, permits, runs }: Pick<CodeDeps, 'rules' | 'permits' | 'runs'>,
): Promise<AskedRun> {
  const asked = parseCodeRequest(json, rules)
  const repository = await permits.requireStart(caller, asked.repository)
  const found = asked.parentRunId === undefined ? undefined : await runs.get(asked.parentRunId)
  const isVisible = found !== undefined && (await permits.canSee(caller, found.request.repository))
  const parent = parentOf(asked.parentRunId, { repository, found: isVisible ? found : undefined })
  const request: RunRequest = {
    trigger: 'code',
    ...asked,
    repository,
    requester: requesterOf(caller),
    // The transcript of a tainted parent contains what an outsider wrote, so its child is tainted too.
    tainted: parent?.request.tainted ?? false,
  }
  return { request, asked }
}

/** The requester of a run that this caller starts. */
export function requesterOf({ name, owner, personId }: Caller): Requester {
  return { login: name, owner, id: personId }
}

interface AskedRun {
  readonly request: RunRequest
  /** The parsed body, by which two requests with the same Idempotency-Key are compared. */
  readonly asked: object
}

/** Submits a run, and streams it to its end, or gives its addresses. */
export async function answerWithRun(
  c: Context<WebEnv>,
  { submit, publicUrl, stream }: StartDeps,
  { request, asked }: AskedRun,
): Promise<Response> {
  const { caller } = c.var
  // A token without the right to read gets the addresses only.
  const streams = caller.rights.includes('read') && !wantsOnlyJson(c)
  const reader = streams ? stream.open(c, request.repository) : undefined
  const { run } = await submit(submission(c, { request, asked }))

  const runId = run.id
  const urls = runUrls(publicUrl(), runId)
  c.header('Location', urls.runUrl)
  c.header('Vary', 'Accept')
  if (!reader) return c.json({ runId, ...urls } satisfies AcceptedBody, 202)
  return stream.answer(c, { runId, after: 0, reader })
}

/** @throws {BackspaceError} `not_found`; `conflict` when it has not ended; `bad_request` for another repository's run. */
function parentOf(
  parentRunId: string | undefined,
  { repository, found: parent }: { readonly repository: RepositoryTarget; readonly found: Run | undefined },
): Run | undefined {
  if (parentRunId === undefined) return undefined
  if (!parent) throw new BackspaceError('not_found', 'There is no run with the id given as parentRunId.')
  if (!isSameRepository(parent.request.repository, repository)) {
    throw new BackspaceError('bad_request', 'parentRunId must be a run of the same repository.')
  }
  if (!hasAgent(parent.request)) {
    throw new BackspaceError(
      'bad_request',
      'parentRunId must be a run of an agent: this run has no conversation to continue.',
    )
  }
  if (!isTerminal(parent.status)) {
    throw new BackspaceError(
      'conflict',
      'The run given as parentRunId has not ended. Wait until it ends, or add to it: POST /runs/:id/notes.',
    )
  }
  return parent
}

/** Compares the ids of the repositories if both are known, because names change. */
function isSameRepository(one: RepositoryTarget, other: RepositoryTarget): boolean {
  if (one.id !== undefined && other.id !== undefined) return one.id === other.id
  return repositoryKey(one) === repositoryKey(other)
}

function submission(c: Context<WebEnv>, { request, asked }: AskedRun): SubmitRunInput {
  const { runsPerHour: requestsPerHour } = c.var.caller
  const idempotency = idempotencyFor(c, asked) ?? { key: `code:${randomUUID()}` }
  return { request, requestsPerHour, ...idempotency }
}

/** @returns undefined if the caller sent no key. */
export function idempotencyFor(
  c: Context<WebEnv>,
  asked: object,
): ReturnType<typeof idempotencyOf> | undefined {
  // A person may have the login that is the name of a token.
  const { name, personId, credential } = c.var.caller
  const caller = personId === undefined ? name : credential
  const key = c.req.header('idempotency-key')
  if (key === undefined) return undefined
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new BackspaceError('bad_request', 'Idempotency-Key must be 1 to 255 visible ASCII characters.')
  }
  // The parsed request, not its bytes: a client may send the same request with other white space.
  return idempotencyOf({ caller, key, body: JSON.stringify(asked) })
}
