import type { Requester, RunRequest, Thread } from './run.ts'

/** A pull request that is to be proved, and who asks for it. */
interface AskedProof extends Pick<RunRequest, 'trigger' | 'repository' | 'comment' | 'installationId'> {
  readonly pullRequest: Pick<Thread, 'number' | 'title' | 'author' | 'url'>
  readonly requester: Requester
}

/**
 * The request for a proof of a pull request as it is. No agent reads it, so it has no text of the pull request, and an
 * outsider's pull request does not taint it.
 */
export function proofRequest({ pullRequest, ...asked }: AskedProof): RunRequest {
  const { number, title, author, url } = pullRequest
  return {
    ...asked,
    prompt: `Prove pull request #${number}.`,
    thread: { kind: 'pull_request', number, title, body: '', author, url },
    options: { prove: true },
    tainted: false,
  }
}

/** True for a run that verifies a pull request as it is, and changes nothing. */
export function isProof({ options }: Pick<RunRequest, 'options'>): boolean {
  return options.prove === true
}
