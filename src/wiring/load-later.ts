import type { Config } from '../config.ts'
import type { GitHubAccess, GitHubAccessOptions } from '../github/github-access.ts'
import type { Spawner } from '../processes/spawner.ts'
import type { Run } from '../runs/run.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'
import type { SandboxSnapshots } from '../sandbox/snapshots.ts'
import { claudeCodePath } from './claude-code.ts'

/** The sandboxes that the operator chose; their code is loaded on first use. */
export function createLazySandboxProvider(config: Config, spawner?: Spawner): SandboxProvider {
  const { sandbox, deployment, path, github, hostEnvironment, ownPaths } = config
  if (sandbox.kind === 'e2b' && sandbox.e2b) {
    const { transport, e2b } = sandbox
    const reachesGitHub =
      transport === 'auto' ? github.webUrl === 'https://github.com' : transport === 'clone'
    const options = { ...e2b, deployment, reachesGitHub }
    const keeps = sandbox.setupCache.entries > 0
    return lazySandboxProvider({ kind: 'e2b', reachesGitHub, keeps }, async () => {
      const { createE2bSandboxProvider } = await import('../sandbox/e2b/e2b-sandbox.ts')
      return createE2bSandboxProvider(options)
    })
  }
  const kind = sandbox.kind === 'unconfined' ? 'unconfined' : 'local'
  const mode = kind === 'local' ? 'bubblewrap' : kind
  const { directory, entries, bytes } = sandbox.setupCache
  const keeps = kind === 'local' && entries > 0
  return lazySandboxProvider({ kind, reachesGitHub: false, keeps }, async () => {
    const { createLocalSandboxProvider } = await import('../sandbox/local/local-sandbox.ts')
    return createLocalSandboxProvider({
      deployment,
      mode,
      path,
      certificates: hostEnvironment,
      own: ownPaths,
      claudeCode: claudeCodePath(config),
      limits: sandbox.localLimits,
      snapshots: keeps ? { directory, maxBytes: bytes } : undefined,
      spawner,
    })
  })
}

interface KnownBefore extends Pick<SandboxProvider, 'kind' | 'reachesGitHub'> {
  /** Whether the provider can keep snapshots. */
  readonly keeps: boolean
}

function lazySandboxProvider(
  { keeps, ...known }: KnownBefore,
  load: () => Promise<SandboxProvider>,
): SandboxProvider {
  const provider = loadOnFirstUse(load)
  return {
    ...known,
    snapshots: keeps ? lazySnapshots(async () => (await provider()).snapshots) : undefined,
    create: async (request) => (await provider()).create(request),
    attach: async (id) => (await provider()).attach(id),
    kill: async (id) => (await provider()).kill(id),
    list: async (query) => (await provider()).list(query),
  }
}

function lazySnapshots(snapshots: () => Promise<SandboxSnapshots | undefined>): SandboxSnapshots {
  return {
    environment: async () => (await snapshots())?.environment() ?? '',
    take: async (sandboxId, options) => (await snapshots())?.take(sandboxId, options),
    remove: async (id) => (await snapshots())?.remove(id),
    list: async () => (await snapshots())?.list() ?? [],
  }
}

/** Loads on the first call and keeps the result. After a failure, the next call tries again. */
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
 * Kills the sandboxes of a run that no worker executes any more. It is not an error if one no longer exists.
 *
 * @throws {SandboxError} `unreachable`; the sandbox then times out within minutes, or the next sweep kills it.
 */
export async function killSandboxOf(sandboxes: SandboxProvider, { progress }: Run): Promise<void> {
  const { sandboxId, rooms = [] } = progress
  const ids = sandboxId === undefined ? rooms : [sandboxId, ...rooms]
  await Promise.all(ids.map((id) => sandboxes.kill(id)))
}
