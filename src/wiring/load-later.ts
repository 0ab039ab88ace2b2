import type { Config } from '../config.ts'
import type { GitHubAccess, GitHubAccessOptions } from '../github/github-access.ts'
import type { Run } from '../runs/run.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'

/** The sandboxes that the operator chose, loaded on first use. */
export function createLazySandboxProvider({
  sandbox,
  deployment,
  path,
  github,
  hostEnvironment,
  ownPaths,
}: Config): SandboxProvider {
  if (sandbox.kind === 'e2b' && sandbox.e2b) {
    const { transport, e2b } = sandbox
    const reachesGitHub =
      transport === 'auto' ? github.webUrl === 'https://github.com' : transport === 'clone'
    const options = { ...e2b, deployment, reachesGitHub }
    return lazySandboxProvider({ kind: 'e2b', reachesGitHub }, async () => {
      const { createE2bSandboxProvider } = await import('../sandbox/e2b/e2b-sandbox.ts')
      return createE2bSandboxProvider(options)
    })
  }
  const kind = sandbox.kind === 'unconfined' ? 'unconfined' : 'local'
  const mode = kind === 'local' ? 'bubblewrap' : kind
  return lazySandboxProvider({ kind, reachesGitHub: false }, async () => {
    const { createLocalSandboxProvider } = await import('../sandbox/local/local-sandbox.ts')
    return createLocalSandboxProvider({
      deployment,
      mode,
      path,
      certificates: hostEnvironment,
      own: ownPaths,
      limits: sandbox.localLimits,
    })
  })
}

function lazySandboxProvider(
  known: Pick<SandboxProvider, 'kind' | 'reachesGitHub'>,
  load: () => Promise<SandboxProvider>,
): SandboxProvider {
  const provider = loadOnFirstUse(load)
  return {
    ...known,
    create: async (request) => (await provider()).create(request),
    attach: async (id) => (await provider()).attach(id),
    kill: async (id) => (await provider()).kill(id),
    list: async (query) => (await provider()).list(query),
  }
}

/** Loads on the first call and keeps the result; a failed load is tried again by the next call. */
export function loadOnFirstUse<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined
      throw error
    })
    return loaded
  }
}

/** Access to GitHub as the operator configured it; the client is loaded on first use. */
export function createLazyGitHubAccess(options: GitHubAccessOptions): GitHubAccess {
  const access = loadOnFirstUse(async () => {
    const { createGitHubAccess } = await import('../github/github-access.ts')
    return createGitHubAccess(options)
  })
  return {
    webUrl: options.webUrl,
    repository: async (query) => (await access()).repository(query),
  }
}

/**
 * Kills the sandbox of a run that no worker executes any more. A sandbox that is gone already is not an error.
 *
 * @throws {SandboxError} `unreachable`; the sandbox then times out within minutes, or the next sweep kills it.
 */
export async function killSandboxOf(sandboxes: SandboxProvider, { progress }: Run): Promise<void> {
  if (progress.sandboxId !== undefined) await sandboxes.kill(progress.sandboxId)
}
