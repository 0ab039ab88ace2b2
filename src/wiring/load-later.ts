import type { Config } from '../config.ts'
import type { GitHubAccess, GitHubAccessOptions } from '../github/github-access.ts'
import type { Run } from '../runs/run.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'

/** The one place where repositories run, as the operator chose it; loaded when something is first asked of it. */
export function createSandboxes({
  sandbox,
  deployment,
  path,
  github,
  hostEnvironment,
}: Config): SandboxProvider {
  if (sandbox.kind === 'e2b' && sandbox.e2b) {
    const { transport, e2b } = sandbox
    const reachesGitHub =
      transport === 'auto' ? github.webUrl === 'https://github.com' : transport === 'clone'
    const options = { ...e2b, deployment, reachesGitHub }
    return loadLater({ kind: 'e2b', reachesGitHub }, async () => {
      const { createE2bSandboxProvider } = await import('../sandbox/e2b/e2b-sandbox.ts')
      return createE2bSandboxProvider(options)
    })
  }
  const kind = sandbox.kind === 'unconfined' ? 'unconfined' : 'local'
  const mode = kind === 'local' ? 'bubblewrap' : kind
  return loadLater({ kind, reachesGitHub: false }, async () => {
    const { createLocalSandboxProvider } = await import('../sandbox/local/local-sandbox.ts')
    return createLocalSandboxProvider({ deployment, mode, path, certificates: hostEnvironment })
  })
}

function loadLater(
  known: Pick<SandboxProvider, 'kind' | 'reachesGitHub'>,
  load: () => Promise<SandboxProvider>,
): SandboxProvider {
  const provider = loadOnce(load)
  return {
    ...known,
    create: async (request) => (await provider()).create(request),
    attach: async (id) => (await provider()).attach(id),
    kill: async (id) => (await provider()).kill(id),
    list: async (query) => (await provider()).list(query),
  }
}

/** What is made when it is first asked for, and then kept; a failure is not kept. */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined
      throw error
    })
    return loaded
  }
}

/** GitHub as the operator set it up; its client is loaded when something is first asked of it. */
export function reachGitHub(options: GitHubAccessOptions): GitHubAccess {
  const access = loadOnce(async () => {
    const { createGitHubAccess } = await import('../github/github-access.ts')
    return createGitHubAccess(options)
  })
  return {
    webUrl: options.webUrl,
    repository: async (query) => (await access()).repository(query),
  }
}

/**
 * Ends the sandbox of a run that nobody carries any more; one that is gone already is no failure.
 *
 * @throws {SandboxError} `unreachable`; it then ends by itself within minutes, or the next sweep ends it.
 */
export async function endSandbox(sandboxes: SandboxProvider, { progress }: Run): Promise<void> {
  if (progress.sandboxId !== undefined) await sandboxes.kill(progress.sandboxId)
}
