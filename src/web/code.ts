import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { BackspaceError } from '../errors.ts'
import { isTerminal, type RepositoryTarget, type Run } from '../runs/run.ts'
import { repositoryKey } from '../runs/store/run-rows.ts'
import { idempotencyOf, type SubmitRunInput } from '../runs/submit-run.ts'
import { type CodeRequest, parseCodeRequest } from '../triggers/code-request.ts'
import { parseJson, readBody, requireJson, wantsOnlyJson } from './read-request.ts'
import { runUrls } from './run-view.ts'
import { streamRun } from './stream/stream-run.ts'
import type { StreamDeps, WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

const BODY_LIMIT = 1_048_576

/** `POST /code`: starts a run and streams it to its end. All that can be wrong is answered before the stream. */
export function createCodeHandler(deps: StreamDeps): (c: Context<WebEnv>) => Promise<Response> {
  return async (c) => {
    requireJson(c.req.raw)
    const body = parseJson(await readBody(c.req.raw, BODY_LIMIT))
    const asked = parseCodeRequest(body, deps)
    const repository = await deps.checkRepository(asked.repository)
    const parent = await parentOf({ ...asked, repository }, deps)
    const { run } = await deps.submit(submission(c, asked, { repository, parent }))

    const runId = run.id
    const urls = runUrls(deps.publicUrl(), runId)
    c.header('Location', urls.runUrl)
    c.header('Vary', 'Accept')
    if (wantsOnlyJson(c.req.header('accept'))) return c.json({ runId, ...urls }, 202)
    return streamRun(c, deps, { runId, after: 0 })
  }
}

/** @throws {BackspaceError} `not_found`, `conflict` when it has not ended, `bad_request` when it is of elsewhere. */
async function parentOf({ parentRunId, repository }: CodeRequest, { runs }: WebDeps) {
  if (parentRunId === undefined) return undefined
  const parent = await runs.get(parentRunId)
  if (!parent) throw new BackspaceError('not_found', 'There is no run with the id given as parentRunId.')
  if (!isSameRepository(parent.request.repository, repository)) {
    throw new BackspaceError('bad_request', 'parentRunId must be a run of the same repository.')
  }
  if (!isTerminal(parent.status)) {
    throw new BackspaceError(
      'conflict',
      'The run given as parentRunId has not ended. Wait for its end, or add to it: POST /runs/:id/notes.',
    )
  }
  return parent
}

/** By number where both are known: names change. */
function isSameRepository(one: RepositoryTarget, other: RepositoryTarget): boolean {
  if (one.id !== undefined && other.id !== undefined) return one.id === other.id
  return repositoryKey(one) === repositoryKey(other)
}

function submission(
  c: Context<WebEnv>,
  asked: CodeRequest,
  { repository, parent }: { readonly repository: RepositoryTarget; readonly parent: Run | undefined },
): SubmitRunInput {
  const request = {
    trigger: 'code',
    ...asked,
    repository,
    requester: { login: c.var.caller.name },
    // What an outsider wrote is in the transcript for good.
    tainted: parent?.request.tainted ?? false,
  } as const
  const key = c.req.header('idempotency-key')
  if (key === undefined) return { request, key: `code:${randomUUID()}` }
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new BackspaceError('bad_request', 'Idempotency-Key must be 1 to 255 visible ASCII characters.')
  }
  const caller = c.var.caller.name
  // What was understood, not its bytes: a client may write the same request with other spaces.
  return { request, ...idempotencyOf({ caller, key, body: JSON.stringify(asked) }) }
}
