import { CHANGE_REF, changeStream } from '../../verify/change-stream.ts'
import type { FileState } from '../../verify/source-hunks.ts'
import { blobSha } from '../collect/read-blobs.ts'
import { lookEnvironment } from '../workspace/look-script.ts'
import { runInSandbox } from '../workspace/workspace.ts'
import type { Room } from './open-room.ts'
import type { RanOn } from './room-commands.ts'

/**
 * Writes files by a checkout, so that git applies their attributes to the stored bytes. Standard input has first all
 * paths, which are removed, since a folder may replace a file; then the paths that exist afterwards; then the stream of a
 * commit with these files. No name ever reaches a shell.
 */
const PUT = `set -eu
cd "$GIT_WORK_TREE"
p=$(mktemp -d "$GIT_DIR/put.XXXXXX")
trap 'rm -rf "$p"' EXIT
while IFS= read -r -d '' path && [ -n "$path" ]; do printf '%s\\0' "$path"; done > "$p/gone"
while IFS= read -r -d '' path && [ -n "$path" ]; do printf '%s\\0' "$path"; done > "$p/there"
cat > "$p/stream"
while IFS= read -r -d '' path; do
  rm -f -- "$path" 2>/dev/null || true
  if [ -d "$path" ] && [ ! -L "$path" ]; then find "$path" -depth -type d -empty -delete; fi
done < "$p/gone"
git fast-import --quiet --force --date-format=now < "$p/stream" >/dev/null
export GIT_INDEX_FILE="$p/index"
git read-tree ${CHANGE_REF}
git update-ref -d ${CHANGE_REF}
git checkout-index -z --stdin --force --quiet < "$p/there"
`

/**
 * Writes files into the workspace of a room, to see the results of checks without a part of the change. The room's commit
 * and all other files stay the same. Of two states of one path the last counts. Parts of setup that build source run again.
 *
 * @param with.on describes, for the receipt, which files the room has then.
 * @throws {BackspaceError} `clone_failed`
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function putFiles(
  { workspace, setUpAgain, commands }: Pick<Room, 'workspace' | 'setUpAgain' | 'commands'>,
  files: readonly FileState[],
  { on, signal }: { readonly on: Pick<RanOn, 'files' | 'hunk'>; readonly signal: AbortSignal },
): Promise<void> {
  // A submodule is a commit and no file.
  const own = files.filter(({ mode }) => mode !== '160000')
  const states = [...new Map(own.map((file) => [file.path, file])).values()]
  if (states.length === 0) return
  const there = states.filter(({ bytes }) => bytes !== null)
  const stream = changeStream(
    { tree: workspace.base.tree },
    states.map((state) => ({ ...state, sha: state.bytes && blobSha(state.bytes) })),
  )
  await runInSandbox(workspace.sandbox, PUT, {
    signal,
    stdin: Buffer.concat([namesOf(states), namesOf(there), stream]),
    timeoutMs: 60_000,
    env: lookEnvironment(workspace),
    code: 'clone_failed',
    failure: 'The files of the change could not be written in the clean sandbox.',
  })
  if (setUpAgain !== undefined) await commands.record({ ...on, purpose: 'setup' }, await setUpAgain())
}

/** Names that each end with NUL; an empty name ends the list. */
function namesOf(files: readonly Pick<FileState, 'path'>[]): Uint8Array {
  return Buffer.from([...files.map(({ path }) => path), ''].map((path) => `${path}\0`).join(''))
}
