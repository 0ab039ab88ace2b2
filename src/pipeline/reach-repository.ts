import type { RepositoryAccess } from '../github/octokit.ts'
import type { Run } from '../runs/run.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'

/**
 * The repository of a run as it stands now: under its present name, or why it cannot be reached.
 *
 * @throws {BackspaceError} `not_installed`, `repository_not_found`, `unauthorized`, `github_unavailable` …
 */
export async function reachRepository(
  { github }: Pick<ExecuteRunDeps, 'github'>,
  { request: { repository, installationId } }: Pick<Run, 'request'>,
): Promise<RepositoryAccess> {
  return github.repository({ ...repository, ...(installationId === undefined ? {} : { installationId }) })
}
