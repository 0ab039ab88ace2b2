import type { Config } from '../config.ts'
import { createE2bSandboxProvider } from '../sandbox/e2b/e2b-sandbox.ts'
import { createLocalSandboxProvider } from '../sandbox/local/local-sandbox.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'

/** The one place where repositories run, as the operator chose it. */
export function createSandboxes({
  sandbox,
  deployment,
  path,
  github,
  hostEnvironment,
}: Config): SandboxProvider {
  if (sandbox.kind === 'e2b' && sandbox.e2b) {
    const { transport } = sandbox
    const reachesGitHub =
      transport === 'auto' ? github.webUrl === 'https://github.com' : transport === 'clone'
    return createE2bSandboxProvider({ ...sandbox.e2b, deployment, reachesGitHub })
  }
  const mode = sandbox.kind === 'unconfined' ? 'unconfined' : 'bubblewrap'
  return createLocalSandboxProvider({ deployment, mode, path, certificates: hostEnvironment })
}
