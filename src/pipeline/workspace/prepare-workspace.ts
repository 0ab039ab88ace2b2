import type { RepositoryAccess } from '../../github/octokit.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { cloneInSandbox } from './clone-in-sandbox.ts'
import { installWorkspace } from './install-workspace.ts'
import { type HostEnvironment, PLAIN_HOST_ENVIRONMENT } from './run-host-git.ts'
import { uploadWorkspace } from './upload-workspace.ts'
import type { Base, Workspace } from './workspace.ts'

export interface PrepareWorkspaceRequest {
  readonly sandbox: Sandbox
  readonly transport: Transport
  readonly access: RepositoryAccess
  readonly base: Base
  readonly webUrl: string
  /** What code in the sandbox may reach from now on. */
  readonly egressHosts: readonly string[]
  readonly signal: AbortSignal
  readonly onSecret: (secret: string) => void
  readonly hostEnvironment?: HostEnvironment
}

/** `clone`: the sandbox fetches by itself. `upload`: the host fetches and uploads. */
export type Transport = 'clone' | 'upload'

/** A personal access token cannot be narrowed to one repository or revoked, so it never enters a sandbox. */
export function chooseTransport(reachesGitHub: boolean, credential: 'app' | 'pat'): Transport {
  return reachesGitHub && credential === 'app' ? 'clone' : 'upload'
}

/** What a new sandbox may reach before the code is in it. */
export function firstEgress(transport: Transport, webUrl: string, egressHosts: readonly string[]): string[] {
  return transport === 'clone' ? [new URL(webUrl).hostname] : [...egressHosts]
}

/**
 * Brings the base commit into the sandbox. When it returns, the credential is revoked, GitHub is out of reach
 * (unless the operator allows it), the clone has no remote, and its files are those of the commit.
 *
 * @throws {BackspaceError} `clone_failed`, `tree_mismatch` …
 */
export async function prepareWorkspace(request: PrepareWorkspaceRequest): Promise<Workspace> {
  const { sandbox, transport, base, egressHosts, signal } = request
  if (transport === 'upload') {
    await uploadWorkspace({ ...request, hostEnvironment: request.hostEnvironment ?? PLAIN_HOST_ENVIRONMENT })
    return installWorkspace(sandbox, base, signal)
  }
  await cloneInSandbox(request)
  await sandbox.setEgress({ allowHosts: egressHosts })
  return installWorkspace(sandbox, base, signal)
}
