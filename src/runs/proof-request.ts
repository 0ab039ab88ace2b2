import type { Requester, RunRequest, Thread } from './run.ts'

/** The pull request to prove, and who asks for the proof. */
interface AskedProof extends Pick<RunRequest, 'trigger' | 'repository' | 'comment' | 'installationId'> {
  readonly pullRequest: Pick<Thread, 'number' | 'title' | 'author' | 'url'>
  readonly requester: Requester
}

/**
 * The request to prove a pull request as it is. No agent works on it, so it carries no text of the pull request, and a
 * pull request by an outsider does not taint it.
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
