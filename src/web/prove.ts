import type { Context } from 'hono'
import { proofRequest } from '../runs/proof-request.ts'
import { parseProofBody } from '../triggers/code-request.ts'
import { answerWithRun, idempotencyFor, requesterOf, type StartDeps } from './code.ts'
import { readJson } from './read-request.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

interface ProveDeps extends StartDeps, Pick<WebDeps, 'runs' | 'findPullRequest'> {}

/** `POST /prove`: verifies an open pull request and streams that to its end, as `POST /code` does with its runs. */
export async function startProof(c: Context<WebEnv>, deps: ProveDeps): Promise<Response> {
  const { rules, permits, readBody, runs, findPullRequest } = deps
  const { caller } = c.var
  permits.requireRight(caller, 'start')
  const asked = parseProofBody(await readJson(c.req.raw, readBody), rules)
  const repository = await permits.requireStart(caller, asked.repository)
  const idempotency = idempotencyFor(c, asked)
  // A repeated request gets the first answer, though the pull request was closed meanwhile.
  const first = idempotency && (await runs.findByKey(idempotency))
  const request =
    first?.request ??
    proofRequest({
      trigger: 'code',
      repository,
      pullRequest: await findPullRequest(repository, asked.pullRequest),
      requester: requesterOf(caller),
    })
  // A title may be edited between two requests with the same key, so it is not part of what is compared.
  return answerWithRun(c, deps, { request, asked })
}
