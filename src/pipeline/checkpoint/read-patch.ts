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
 */
const SCRIPT = `set -eu
cd "$GIT_WORK_TREE"
[ -d "$GIT_DIR/info" ] || mkdir -p "$GIT_DIR/info"
printf '%s' "$CONFIG" > "$GIT_DIR/config"
printf '%s' "$ATTRIBUTES" > "$GIT_DIR/info/attributes"
for left in hooks index.lock checkpoint-index.lock; do
  if [ -e "$GIT_DIR/$left" ] || [ -L "$GIT_DIR/$left" ]; then rm -rf "$GIT_DIR/$left"; fi
done
cp -p --remove-destination "$GIT_DIR/index" "$GIT_INDEX_FILE"
: > "$NESTED"
while IFS= read -r -d '' path; do
  case $path in
    */) printf '/%s\\n' "$(printf '%s' "$path" | sed 's/[][*?\\\\!# ]/\\\\&/g')" >> "$NESTED" ;;
  esac
done < <(git ls-files -z --others --exclude-standard)
git add --all --ignore-errors . 2>/dev/null || true
tree=$(git write-tree)
echo "$tree"
if [ "$tree" = "$KNOWN" ]; then exit 0; fi
git diff-index --cached -p --binary --full-index --no-renames --no-ext-diff --no-textconv --no-color \\
  --src-prefix=a/ --dst-prefix=b/ "$TREE" | head -c "$LIMIT" > "$PATCH"
wc -c < "$PATCH"
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
      ...{ TREE: base.tree, KNOWN: known, LIMIT: String(maxBytes + 1) },
    },
    code: 'tree_mismatch',
    failure: 'The workspace could not be compared with its commit.',
  })
  const [tree = '', size] = printed.trim().split('\n')
  if (!/^[0-9a-f]{40}$/.test(tree)) throw unreadable()
  if (size === undefined) return { kind: 'same' }
  if (Number(size) > maxBytes) return { kind: 'too_large' }
  const patch = await sandbox.readFile(file)
  if (patch.length !== Number(size)) throw unreadable()
  return { kind: 'patch', tree, patch }
}

function unreadable(): BackspaceError {
  return new BackspaceError('tree_mismatch', 'What git in the sandbox says of the workspace makes no sense.')
}
