import type { Sandbox } from '../../sandbox/sandbox.ts'
import { splitAtNul } from '../changes/split-at-nul.ts'
import { excludePattern } from './exclude-pattern.ts'
import { gitEnvironment } from './git-environment.ts'
import { runInSandbox } from './run-in-sandbox.ts'
import type { Workspace } from './workspace.ts'

const SETTLE = `set -eu
cd "$GIT_WORK_TREE"
git update-index -q --refresh >/dev/null || true
git diff-files --name-only -z --ignore-submodules=all > "$GIT_DIR/setup-changed"
git checkout-index --all --force --quiet -u
git ls-files -z --others --exclude-standard --directory --no-empty-directory > "$GIT_DIR/setup-left"
`

/**
 * What installing dependencies and running the checks left behind is not the agent's change. Files of the commit
 * that they changed (a rewritten lock file) are put back; new files that no `.gitignore` covers are remembered, so
 * that `collectChanges` leaves them out. Call it right before the agent starts.
 *
 * @param options.excludes the exclude file of an earlier sandbox of this run: what was left behind there counts too.
 * @returns how many files were put back, and the exclude file as it is now.
 */
export async function settleWorkspace(
  sandbox: Sandbox,
  { path, gitDir }: Workspace,
  { signal, excludes }: { readonly signal: AbortSignal; readonly excludes?: Uint8Array },
): Promise<{ readonly restored: number; readonly excludes: Uint8Array }> {
  const exclude = `${gitDir}/info/exclude`
  if (excludes && excludes.length > 0) await sandbox.writeFile(exclude, excludes)
  await runInSandbox(sandbox, SETTLE, {
    signal,
    timeoutMs: 300_000,
    env: { ...gitEnvironment(), GIT_DIR: gitDir, GIT_WORK_TREE: path },
    code: 'clone_failed',
    failure: 'The workspace could not be compared with its commit after setup.',
  })
  const left = splitAtNul(await sandbox.readFile(`${gitDir}/setup-left`))
  const all = Buffer.concat([await sandbox.readFile(exclude), ...left.map(excludePattern)])
  await sandbox.writeFile(exclude, all)
  // The agent's own git shall not see them as its work either.
  await sandbox.writeFile(`${path}/.git/info/exclude`, all)
  const restored = splitAtNul(await sandbox.readFile(`${gitDir}/setup-changed`)).length
  return { restored, excludes: all }
}
