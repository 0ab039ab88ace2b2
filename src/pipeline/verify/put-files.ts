import { CHANGE_REF, changeStream } from '../../verify/change-stream.ts'
import type { FileState } from '../../verify/source-hunks.ts'
import { blobSha } from '../collect/read-blobs.ts'
import { lookEnvironment } from '../workspace/look-script.ts'
import { runInSandbox } from '../workspace/workspace.ts'
import type { Room } from './open-room.ts'
import type { RanOn } from './room-commands.ts'

/**
 * Bytes are what git stores, and files are what git makes of them by their attributes. Names come in standard input, so that
 * none can be more than a name: first all paths, which are removed, since a folder may come where a file was; then those that are
 * there afterwards; then the stream of a commit that has them.
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
 * Puts files into the workspace of a room whose commit stays as it is: to see what the checks say without a part of the
 * change. Other files are left alone. Of two states of one path the last counts. What setup makes of source is made again.
 *
 * @param with.on for the receipt: what the room holds then.
 * @throws {BackspaceError} `clone_failed`
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function putFiles(
  { workspace, setUpAgain, commands }: Pick<Room, 'workspace' | 'setUpAgain' | 'commands'>,
  files: readonly FileState[],
  { on, signal }: { readonly on: Pick<RanOn, 'files' | 'hunk'>; readonly signal: AbortSignal },
): Promise<void> {
  // The commit that a submodule names is no file.
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

/** Each name ends with a NUL, and the list with an empty one. */
function namesOf(files: readonly Pick<FileState, 'path'>[]): Uint8Array {
  return Buffer.from([...files.map(({ path }) => path), ''].map((path) => `${path}\0`).join(''))
}
