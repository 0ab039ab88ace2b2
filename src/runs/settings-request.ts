import { isProof } from './proof-request.ts'
import type { Requester, RunRequest, Thread } from './run.ts'

/** Where a person asks for a settings file. */
interface AskedSettings extends Pick<RunRequest, 'trigger' | 'repository' | 'comment' | 'installationId'> {
  readonly thread: Pick<Thread, 'kind' | 'number' | 'title' | 'author' | 'url'>
  readonly requester: Requester
}

/**
 * The request for a pull request with `.github/backspace.yml`. No agent reads it, so it has no text of its thread. It is
 * about the default branch of the repository, wherever it was asked for.
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

/** True for a run that tries out how a repository is installed and checked. */
export function isSettingsRun({ options }: Pick<RunRequest, 'options'>): boolean {
  return options.setup === true
}

/** False for a run without an agent: it takes no follow-up, has no conversation, and does not do what its thread asks for. */
export function hasAgent(request: Pick<RunRequest, 'options'>): boolean {
  return !isProof(request) && !isSettingsRun(request)
}
