import type { RepoEnvironment } from '../../checks/environment/environment.ts'
import { startServices } from '../../checks/environment/start-services.ts'
import type { Journal } from '../journal.ts'
import type { Workspace } from '../workspace/workspace.ts'

interface ServiceParts {
  readonly journal: Pick<Journal, 'notice'>
  readonly signal: AbortSignal
}

/**
 * Starts the services of the repository. Call it once its dependencies are installed.
 *
 * @returns the repository's environment, in which services that did not become ready are listed as `unmet`.
 */
export async function beginServices(
  { sandbox, path: workspace }: Workspace,
  repo: RepoEnvironment,
  { journal, signal }: ServiceParts,
): Promise<RepoEnvironment> {
  const states = await startServices(sandbox, { services: repo.services, workspace, signal })
  for (const { isReady, message } of states) journal.notice(isReady ? 'info' : 'warning', message)
  const late = states.filter(({ isReady }) => !isReady).map(({ message }) => message)
  return { ...repo, unmet: [...repo.unmet, ...late] }
}

/** Restarts services that have ended, in the sandbox of an earlier attempt or after a crash. */
export async function wakeServices(
  { sandbox, path: workspace }: Workspace,
  { services, unmet }: RepoEnvironment,
  { journal, signal }: ServiceParts,
): Promise<void> {
  const states = await startServices(sandbox, { services, workspace, signal, patience: WAKE_SECONDS })
  for (const { isReady, message } of states) {
    if (!isReady && !unmet.includes(message)) journal.notice('warning', message)
  }
}

const WAKE_SECONDS = 10
