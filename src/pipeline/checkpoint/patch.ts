import { isUtf8 } from 'node:buffer'
import { BackspaceError, knownError } from '../../errors.ts'
import type { ChangesCollectedEvent } from '../../runs/run-event.ts'
import { changedLines, readDiff, splitDiff } from '../../text/read-diff.ts'
import { WORKSPACE_ATTRIBUTES, WORKSPACE_CONFIG } from '../workspace/build-workspace.ts'
import { gitEnvironment, runInSandbox, type Workspace } from '../workspace/workspace.ts'

interface ReadPatchRequest {
  /** The tree that is kept already. */
  readonly known: string
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** `same`: the files are those of the known tree. `too_large`: the patch has more bytes than may be kept. */
export type ReadPatch =
  | { readonly kind: 'same' | 'too_large' }
  | { readonly kind: 'patch'; readonly tree: string; readonly patch: Uint8Array }

/**
 * Uses Backspace's git directory and an index of its own, as `listChanges` does, so that a checkpoint holds exactly what
 * would be collected and disturbs neither that nor the agent. Nested repositories are left out by an exclude file that
 * only this script sees.
 *
 * Most commands change nothing. So the first comparison uses the index that the last checkpoint left, if that was of the
 * known tree: one git process says whether any file differs from it. Otherwise everything is added again to the base's
 * index, because a file that was added before may be ignored now.
 */
const READ_SCRIPT = `set -eu
cd "$GIT_WORK_TREE"
[ -d "$GIT_DIR/info" ] || mkdir -p "$GIT_DIR/info"
printf '%s' "$CONFIG" > "$GIT_DIR/config"
printf '%s' "$ATTRIBUTES" > "$GIT_DIR/info/attributes"
for left in hooks index.lock checkpoint-index.lock; do
  if [ -e "$GIT_DIR/$left" ] || [ -L "$GIT_DIR/$left" ]; then rm -rf "$GIT_DIR/$left"; fi
done
start() { : > "$STAMP"; cp -p --remove-destination "$GIT_DIR/index" "$GIT_INDEX_FILE"; }
last=
if [ -f "$GIT_INDEX_FILE" ] && [ -f "$STAMP" ]; then read -r last < "$STAMP" || last=; fi
if [ "$last" != "$KNOWN" ]; then last=; start; fi
: > "$NESTED"
same=$last
git -c core.excludesFile=/dev/null ls-files -z -t --others --modified --deleted --exclude-standard > "$LIST" || same=
while IFS= read -r -d '' line; do
  case $line in
    '? '*/) printf '/%s\\n' "$(printf '%s' "\${line#??}" | sed 's/[][*?\\\\!# ]/\\\\&/g')" >> "$NESTED" ;;
    *) same= ;;
  esac
done < "$LIST"
if [ -n "$same" ]; then echo "$same"; exit 0; fi
if [ -n "$last" ]; then start; fi
git add --all --ignore-errors . 2>/dev/null || true
tree=$(git write-tree)
echo "$tree" > "$STAMP"
echo "$tree"
if [ "$tree" = "$KNOWN" ]; then exit 0; fi
code=0
( ulimit -c 0 -f "$KILOBYTES"
  exec git diff-index --cached -p --binary --full-index --no-renames --no-ext-diff --no-textconv --no-color \\
    --src-prefix=a/ --dst-prefix=b/ "$TREE" > "$PATCH" ) || code=$?
case $code in 0) echo patch ;; 153) echo too_large ;; *) exit "$code" ;; esac
`

/**
 * Reads the difference from the base commit, as opaque bytes: the host never runs git on them.
 *
 * @throws {BackspaceError} `tree_mismatch` when git in the sandbox fails.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function readPatch(
  { sandbox, base, gitDir, path }: Workspace,
  { known, maxBytes, signal }: ReadPatchRequest,
): Promise<ReadPatch> {
  const file = `${gitDir}/checkpoint.patch`
  const nested = `${gitDir}/nested`
  const printed = await runInSandbox(sandbox, READ_SCRIPT, {
    signal,
    timeoutMs: 120_000,
    env: {
      ...gitEnvironment([['core.excludesFile', nested]]),
      GIT_DIR: gitDir,
      GIT_WORK_TREE: path,
      GIT_INDEX_FILE: `${gitDir}/checkpoint-index`,
      CONFIG: WORKSPACE_CONFIG,
      ATTRIBUTES: WORKSPACE_ATTRIBUTES,
      NESTED: nested,
      PATCH: file,
      STAMP: `${gitDir}/checkpoint-tree`,
      LIST: `${gitDir}/checkpoint-list`,
      TREE: base.tree,
      KNOWN: known,
      KILOBYTES: String(Math.ceil(maxBytes / 1024) + 1),
    },
    code: 'tree_mismatch',
    failure: 'The workspace could not be compared with its commit.',
  })
  const [tree = '', kept] = printed.trim().split('\n')
  if (!/^[0-9a-f]{40}$/.test(tree)) {
    throw new BackspaceError(
      'tree_mismatch',
      'Git in the sandbox gave an unreadable answer about the workspace. Try again.',
    )
  }
  if (kept === undefined) return { kind: 'same' }
  if (kept !== 'patch') return { kind: 'too_large' }
  const patch = await sandbox.readFile(file)
  return patch.length > maxBytes ? { kind: 'too_large' } : { kind: 'patch', tree, patch }
}

/** All or nothing: a patch that applies but gives another tree is reversed. */
const APPLY_SCRIPT = `set -eu
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
 * @param kept.tree the tree that the patch must give; without it any tree will do.
 * @returns false when it does not apply, or gives another tree; then the workspace is unchanged.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function applyPatch(
  { sandbox, gitDir, path }: Workspace,
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
        ...gitEnvironment(),
        GIT_DIR: gitDir,
        GIT_WORK_TREE: path,
        GIT_INDEX_FILE: `${gitDir}/checkpoint-index`,
        PATCH: file,
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

/** A checkpoint's patch for people; empty when it is not text. It comes from a sandbox: shown, never applied here. */
export function patchText(patch: Uint8Array): string {
  return isUtf8(patch) ? new TextDecoder().decode(patch) : ''
}

/** Shows a checkpoint in a run that can no longer collect its files; undefined when the checkpoint is empty. */
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
  return { type: 'changes.collected', files: parts.flatMap(describeFile), diff }
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
