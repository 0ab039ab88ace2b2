import { knownError } from '../../errors.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { gitEnvironment } from '../workspace/git-environment.ts'
import { runInSandbox } from '../workspace/run-in-sandbox.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** All or nothing: what was applied but gives another tree is taken back. */
const SCRIPT = `set -eu
cd "$GIT_WORK_TREE"
rm -f "$GIT_INDEX_FILE" "$GIT_INDEX_FILE.lock"
cp -p "$GIT_DIR/index" "$GIT_INDEX_FILE"
git update-index -q --refresh || true
if [ -s "$PATCH" ]; then git apply --index --binary --whitespace=nowarn "$PATCH" 2>/dev/null || { echo refused; exit 0; }; fi
if [ -z "$WANTED" ] || [ "$(git write-tree)" = "$WANTED" ]; then echo applied; exit 0; fi
if [ -s "$PATCH" ]; then git apply --index --reverse --binary --whitespace=nowarn "$PATCH"; fi
echo refused
`

/**
 * Puts the files of a checkpoint into a fresh workspace. Only git in the sandbox looks into the patch.
 *
 * @param kept.tree what it must make of the files; without it whatever comes out is taken.
 * @returns false when it does not apply, or gives another tree than it came from; then the workspace is as it was.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function applyPatch(
  { sandbox, workspace }: { readonly sandbox: Sandbox; readonly workspace: Workspace },
  { patch, tree = '' }: { readonly patch: Uint8Array; readonly tree?: string },
  signal: AbortSignal,
): Promise<boolean> {
  const { gitDir, path } = workspace
  const file = `${gitDir}/checkpoint.patch`
  await sandbox.writeFile(file, patch)
  try {
    const printed = await runInSandbox(sandbox, SCRIPT, {
      signal,
      timeoutMs: 120_000,
      env: {
        ...gitEnvironment(),
        ...{ GIT_DIR: gitDir, GIT_WORK_TREE: path, GIT_INDEX_FILE: `${gitDir}/checkpoint-index` },
        ...{ PATCH: file, WANTED: tree },
      },
      code: 'tree_mismatch',
      failure: 'The last checkpoint could not be put into the new sandbox.',
    })
    return printed.trim() === 'applied'
  } catch (error) {
    signal.throwIfAborted()
    if (knownError(error)) return false
    throw error
  }
}
