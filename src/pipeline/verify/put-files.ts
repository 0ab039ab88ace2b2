import type { FileState } from '../../verify/source-hunks.ts'
import { runInSandbox } from '../workspace/workspace.ts'
import type { Room } from './open-room.ts'
import type { RanOn } from './room-commands.ts'

/**
 * Names and bytes come in standard input, so that none can be more than a name: first all paths, which are removed, since a
 * folder may come where a file was; then the files that are there.
 */
const PUT = `set -eu
cd "$W"
while IFS= read -r -d '' path && [ -n "$path" ]; do rm -f -- "$path" || true; done
while IFS= read -r -d '' path; do
  IFS= read -r -d '' mode
  IFS= read -r -d '' size
  if [ -d "$path" ]; then find "$path" -depth -type d -empty -delete; fi
  case "$path" in */*) [ -d "\${path%/*}" ] || mkdir -p -- "\${path%/*}" ;; esac
  if [ "$mode" = 120000 ]; then
    IFS= read -r -d '' target
    ln -sn -- "$target" "$path"
  else
    head -c "$size" >"$path"
    if [ "$mode" = 100755 ]; then chmod +x -- "$path"; fi
  fi
done
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
  {
    workspace: { sandbox, path: root },
    setUpAgain,
    commands,
  }: Pick<Room, 'workspace' | 'setUpAgain' | 'commands'>,
  files: readonly FileState[],
  { on, signal }: { readonly on: Pick<RanOn, 'files' | 'hunk'>; readonly signal: AbortSignal },
): Promise<void> {
  // The commit that a submodule names is no file.
  const own = files.filter(({ mode }) => mode !== '160000')
  const states = [...new Map(own.map((file) => [file.path, file])).values()]
  if (states.length === 0) return
  await runInSandbox(sandbox, PUT, {
    signal,
    stdin: Buffer.concat([...states.map(({ path }) => named(path)), named(''), ...states.flatMap(contentOf)]),
    timeoutMs: 60_000,
    env: { W: root },
    code: 'clone_failed',
    failure: 'The files of the change could not be written in the clean sandbox.',
  })
  if (setUpAgain !== undefined) await commands.record({ ...on, purpose: 'setup' }, await setUpAgain())
}

function contentOf({ path, mode, bytes }: FileState): readonly Uint8Array[] {
  if (bytes === null) return []
  const ends = mode === '120000' ? [Buffer.from([0])] : []
  return [named(path), named(mode), named(String(bytes.length)), bytes, ...ends]
}

function named(text: string): Uint8Array {
  return Buffer.from(`${text}\0`)
}
