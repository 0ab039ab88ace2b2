import type { Config } from '../config.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'
import { loadOnce } from './load-once.ts'

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
