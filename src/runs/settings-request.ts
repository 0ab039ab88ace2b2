import { isProof } from './proof-request.ts'
import type { Requester, RunRequest, Thread } from './run.ts'

/** Where a person asks for a settings file. */
interface AskedSettings extends Pick<RunRequest, 'trigger' | 'repository' | 'comment' | 'installationId'> {
  readonly thread: Pick<Thread, 'kind' | 'number' | 'title' | 'author' | 'url'>
  readonly requester: Requester
}

/**
 * The request for a pull request that proposes `.github/backspace.yml`. No agent works on it, so it carries no text of
 * its thread. It concerns the repository's default branch, in whatever thread it was made.
 */
export function settingsRequest({ thread, ...asked }: AskedSettings): RunRequest {
  const { kind, number, title, author, url } = thread
  return {
    ...asked,
    prompt: 'Propose `.github/backspace.yml`, with commands that were tried.',
    thread: { kind, number, title, body: '', author, url },
    options: { setup: true },
    tainted: false,
  }
}

/** True for a run that tries out how the repository is installed and checked. */
export function isSettingsRun({ options }: Pick<RunRequest, 'options'>): boolean {
  return options.setup === true
}

/**
 * False for a run without an agent: such a run takes no follow-ups, has no conversation, and does not solve its
 * thread's issue.
 */
export function hasAgent(request: Pick<RunRequest, 'options'>): boolean {
  return !isProof(request) && !isSettingsRun(request)
}
