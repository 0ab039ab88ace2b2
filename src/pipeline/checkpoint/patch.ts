import { isUtf8 } from 'node:buffer'
import { knownError } from '../../errors.ts'
import type { ChangesCollectedEvent } from '../../runs/run-event.ts'
import { changedLines, readDiff, splitDiff } from '../../text/read-diff.ts'
import { largeFilters } from '../workspace/large-filters.ts'
import { gitEnvironment, runInSandbox, type Workspace } from '../workspace/workspace.ts'

/**
 * Applies a patch completely or not at all: if it gives another tree than the wanted one, no file changes. Files are
 * written by a checkout, since a patch holds what git stores, before filters and line endings are applied.
 */
const APPLY_SCRIPT = `set -eu
cd "$GIT_WORK_TREE"
rm -f "$GIT_INDEX_FILE" "$GIT_INDEX_FILE.lock"
cp -p "$GIT_DIR/index" "$GIT_INDEX_FILE"
if [ ! -s "$PATCH" ]; then echo applied; exit 0; fi
git apply --cached --binary --whitespace=nowarn "$PATCH" 2>/dev/null || { echo refused; exit 0; }
made=$(git write-tree)
if [ -n "$WANTED" ] && [ "$made" != "$WANTED" ]; then echo refused; exit 0; fi
list=$GIT_INDEX_FILE.list
git diff-tree -r -z --name-only --no-renames --diff-filter=D "$TREE" "$made" > "$list"
while IFS= read -r -d '' name; do
  rm -f -- "$name" 2>/dev/null || true
  case $name in */*) rmdir -p --ignore-fail-on-non-empty -- "\${name%/*}" 2>/dev/null || true ;; esac
done < "$list"
git diff-tree -r -z --name-only --no-renames --diff-filter=d "$TREE" "$made" > "$list"
{ grep -zE '(^|/)\\.gitattributes$' "$list" || true; } | xargs -0 -r rm -rf --
git checkout-index -z --stdin --force --quiet < "$list"
echo applied
`

/**
 * Applies the patch of a checkpoint to a fresh workspace. Only git in the sandbox reads the patch.
 *
 * @param kept.tree the tree id that the patch must give. Without it, every tree will do.
 * @returns false when the patch does not apply or gives another tree; the workspace is then unchanged.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function applyPatch(
  { sandbox, base, gitDir, path }: Workspace,
  { patch, tree = '' }: { readonly patch: Uint8Array; readonly tree?: string },
  signal: AbortSignal,
): Promise<boolean> {
  const file = `${gitDir}/checkpoint.patch`
  await sandbox.writeFile(file, patch)
  try {
    const printed = await runInSandbox(sandbox, APPLY_SCRIPT, {
      signal,
      timeoutMs: 120_000,
      env: {
        ...gitEnvironment(largeFilters(gitDir)),
        GIT_DIR: gitDir,
        GIT_WORK_TREE: path,
        GIT_INDEX_FILE: `${gitDir}/checkpoint-index`,
        PATCH: file,
        TREE: base.tree,
        WANTED: tree,
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

type ChangedFile = ChangesCollectedEvent['files'][number]

const MAX_DIFF_CHARACTERS = 256 * 1024
/** The most files that are listed of a checkpoint. */
const MAX_FILES = 2000

/** A checkpoint's patch as text for people; empty when it is not UTF-8. It comes from a sandbox, so the host never applies it. */
export function patchText(patch: Uint8Array): string {
  return isUtf8(patch) ? new TextDecoder().decode(patch) : ''
}

/** Runs `describePatch` in a thread; undefined if it took longer than `limitMs`. */
export type DescribeInThread = (
  patch: Uint8Array,
  limitMs: number,
) => Promise<ChangesCollectedEvent | undefined>

/**
 * Describes a checkpoint as an event, for a run that can no longer collect its files; undefined when the checkpoint is
 * empty. For a patch of many megabytes this takes seconds.
 */
export function describePatch(patch: Uint8Array): ChangesCollectedEvent | undefined {
  const parts = splitDiff(patchText(patch)).filter((part) => part.startsWith('diff --git '))
  if (parts.length === 0) return undefined
  let diff = ''
  for (const [index, part] of parts.entries()) {
    const shown = withoutBinary(part)
    if (diff.length + shown.length > MAX_DIFF_CHARACTERS) {
      diff += `(the diffs of ${parts.length - index} more files are not shown)\n`
      break
    }
    diff += shown
  }
  return { type: 'changes.collected', files: parts.slice(0, MAX_FILES).flatMap(describeFile), diff }
}

function describeFile(part: string): ChangedFile[] {
  return readDiff(part).map((file) => ({
    path: file.path,
    status: file.status,
    additions: changedLines([file], '+').length,
    deletions: changedLines([file], '-').length,
  }))
}

function withoutBinary(part: string): string {
  const at = part.indexOf('\nGIT binary patch\n')
  return at === -1 ? part : `${part.slice(0, at)}\n(binary)\n`
}
