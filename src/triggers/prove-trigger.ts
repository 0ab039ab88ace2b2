import { knownError } from '../errors.ts'
import { isProof, proofRequest } from '../runs/proof-request.ts'
import { isTerminal } from '../runs/run.ts'
import type { SubmitRunInput } from '../runs/submit-run.ts'
import { visibleText } from '../text/markdown/visible-text.ts'
import { auditDecision } from './audit-decision.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import type { PullRequestEvent } from './trigger-event.ts'

/**
 * Proves a pull request that was opened, pushed to, reopened or made ready, if the settings on its base branch say
 * `prove: always`. The repository asks for the proof, so the author needs no access; the limits on runs count for the
 * author.
 */
export async function proveTrigger(deps: TriggerDeps, event: PullRequestEvent): Promise<void> {
  const { repository, thread, installationId } = event
  const access = await deps.github.repository({ ...repository, installationId })
  if (!isToBeProved(event, access.botLogin)) return
  if (!(await deps.provesAlways(access, event.base))) return
  const key = `prove:${repository.id}:${thread.number}:${event.head}`
  const authorization = { allowed: true } as const
  await auditDecision(deps, event, { authorization, trigger: 'pull_request', asked: key })
  const request = proofRequest({
    trigger: 'pull_request',
    repository,
    pullRequest: { ...thread, title: visibleText(thread.title) },
    requester: { login: thread.author, id: thread.authorId },
    installationId,
  })
  await submitInsteadOfOlder(deps, { key, request }, event)
}

/**
 * Whether the event calls for a proof. Backspace has already verified what it published, so for its own pull requests
 * only a push by someone else counts.
 */
function isToBeProved({ action, draft, sender, thread }: PullRequestEvent, botLogin: string): boolean {
  if (sender.login === botLogin) return false
  return thread.author === botLogin ? action === 'synchronize' : !draft
}

/**
 * Submits a proof, and stops the proofs of older commits. A proof reads the head commit when it starts, so the order in
 * which two pushes are delivered does not matter. Above a limit it does nothing, since a comment for each push would be
 * too many.
 */
async function submitInsteadOfOlder(
  { submit, cancel, runsOnThread }: TriggerDeps,
  input: SubmitRunInput,
  { repository, thread }: PullRequestEvent,
): Promise<void> {
  const submitted = await submit(input).catch((error: unknown) => {
    if (knownError(error)?.code === 'rate_limited') return undefined
    throw error
  })
  if (submitted?.created !== true) return
  const runs = await runsOnThread({ repository, number: thread.number })
  const older = runs.filter(
    ({ id, status, request }) => id !== submitted.run.id && !isTerminal(status) && isProof(request),
  )
  for (const { id } of older) await cancel(id, 'There is a newer commit, which is proved instead.')
}
