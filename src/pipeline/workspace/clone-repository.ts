import type { RepositoryAccess } from '../../github/github-access.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { installWorkspace } from './build-workspace.ts'
import {
  type HostEnvironment,
  LASTING_FAILURE,
  PLAIN_HOST_ENVIRONMENT,
  uploadWorkspace,
} from './upload-repository.ts'
import {
  type Base,
  gitCredential,
  gitEnvironment,
  runInSandbox,
  type Workspace,
  workspacePaths,
} from './workspace.ts'

interface CloneInSandboxRequest {
  readonly sandbox: Sandbox
  readonly access: RepositoryAccess
  readonly base: Base
  readonly webUrl: string
  readonly signal: AbortSignal
  /** Told of every secret before it is used, so that it can be masked. */
  readonly onSecret: (secret: string) => void
}

const FETCH = `set -eu
rm -rf "$G"
mkdir -p "$G"
git init --quiet --bare --template= "$G"
fetch() { git --git-dir="$G" fetch --quiet --depth=1 --no-tags "$URL" "$SHA" 2>"$G/said" || { cat "$G/said" >&2; return 1; }; }
for wait in 1 5 20 60 no; do
  if fetch; then break; fi
  if [ "$wait" = no ]; then exit 1; fi
  if [ "$wait" -ge 20 ] && grep -qiE "$LASTING" "$G/said"; then exit 1; fi
  sleep "$wait"
done
rm -f "$G/said"
`

/**
 * The sandbox fetches the commit itself, as the first thing in it, with a token that can only read this one
 * repository, is known to a single process, and is revoked before anything else runs.
 *
 * @throws {BackspaceError} `clone_failed`
 */
async function cloneInSandbox(request: CloneInSandboxRequest): Promise<void> {
  const { sandbox, access, base, webUrl, signal, onSecret } = request
  const { owner, name } = access.repository
  const minted = await access.mintToken('read', { signal })
  onSecret(minted.token)
  const [setting, basic] = gitCredential(webUrl, minted.token)
  onSecret(basic)
  try {
    await runInSandbox(sandbox, FETCH, {
      signal,
      timeoutMs: 600_000,
      env: {
        ...gitEnvironment([setting]),
        G: workspacePaths(sandbox.home).gitDir,
        URL: `${webUrl}/${owner}/${name}.git`,
        SHA: base.sha,
        LASTING: LASTING_FAILURE.source,
      },
      code: 'clone_failed',
      failure: `The sandbox could not clone ${owner}/${name} at ${base.sha.slice(0, 7)}. Try again; if it lasts, check that the sandbox can reach ${new URL(webUrl).host}.`,
    })
  } finally {
    await minted.revoke()
  }
}

interface PrepareWorkspaceRequest {
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
type Transport = 'clone' | 'upload'

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
