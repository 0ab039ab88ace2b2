import { BackspaceError } from '../../errors.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { gitEnvironment } from '../workspace/git-environment.ts'
import { WORKSPACE_ATTRIBUTES, WORKSPACE_CONFIG } from '../workspace/install-workspace.ts'
import { runInSandbox } from '../workspace/run-in-sandbox.ts'
import type { Workspace } from '../workspace/workspace.ts'

export interface ReadPatchRequest {
  readonly sandbox: Sandbox
  readonly workspace: Workspace
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
 * With our own git directory and an index of its own, as `listChanges` does, so that a checkpoint holds what would be
 * collected and disturbs neither that nor the agent. Nested repositories are left out by an exclude file that only
 * this script sees.
 *
 * Most commands change nothing. So the first look goes by the index that the last checkpoint left, if that was of the
 * known tree: one process of git says whether any file differs from it. Otherwise all is added again to the base's
 * index, since a file that was added before may be ignored by now.
 */
const SCRIPT = `set -eu
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
 * Reads what differs from the base commit, as opaque bytes: the host never runs git on them.
 *
 * @throws {BackspaceError} `tree_mismatch` when git in the sandbox cannot say.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function readPatch(request: ReadPatchRequest): Promise<ReadPatch> {
  const { sandbox, workspace, known, maxBytes, signal } = request
  const { base, gitDir, path } = workspace
  const file = `${gitDir}/checkpoint.patch`
  const nested = `${gitDir}/nested`
  const printed = await runInSandbox(sandbox, SCRIPT, {
    signal,
    timeoutMs: 120_000,
    env: {
      ...gitEnvironment([['core.excludesFile', nested]]),
      ...{ GIT_DIR: gitDir, GIT_WORK_TREE: path, GIT_INDEX_FILE: `${gitDir}/checkpoint-index` },
      ...{ CONFIG: WORKSPACE_CONFIG, ATTRIBUTES: WORKSPACE_ATTRIBUTES, NESTED: nested, PATCH: file },
      STAMP: `${gitDir}/checkpoint-tree`,
      LIST: `${gitDir}/checkpoint-list`,
      ...{ TREE: base.tree, KNOWN: known, KILOBYTES: String(Math.ceil(maxBytes / 1024) + 1) },
    },
    code: 'tree_mismatch',
    failure: 'The workspace could not be compared with its commit.',
  })
  const [tree = '', kept] = printed.trim().split('\n')
  if (!/^[0-9a-f]{40}$/.test(tree)) {
    throw new BackspaceError('tree_mismatch', 'What git in the sandbox says of the workspace makes no sense.')
  }
  if (kept === undefined) return { kind: 'same' }
  if (kept !== 'patch') return { kind: 'too_large' }
  const patch = await sandbox.readFile(file)
  return patch.length > maxBytes ? { kind: 'too_large' } : { kind: 'patch', tree, patch }
}
