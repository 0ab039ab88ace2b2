import type { RepositoryAccess } from '../../github/octokit.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { gitCredential, gitEnvironment } from './git-environment.ts'
import { LASTING_FAILURE } from './lasting-failure.ts'
import { runInSandbox } from './run-in-sandbox.ts'
import { type Base, workspacePaths } from './workspace.ts'

export interface CloneInSandboxRequest {
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
export async function cloneInSandbox(request: CloneInSandboxRequest): Promise<void> {
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
