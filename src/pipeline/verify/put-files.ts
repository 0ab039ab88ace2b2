import type { FileState } from '../../verify/source-hunks.ts'
import { runInSandbox, type Workspace } from '../workspace/workspace.ts'

/** Names come in standard input, so that none can be more than a name. */
const REMOVE = `cd "$W" && while IFS= read -r -d '' path; do rm -f -- "$path"; done`
const LINK = `cd "$W" && while IFS= read -r -d '' path && IFS= read -r -d '' target; do mkdir -p -- "$(dirname -- "$path")"; ln -sfn -- "$target" "$path"; done`
const EXECUTABLE = `cd "$W" && while IFS= read -r -d '' path; do chmod +x -- "$path"; done`

/**
 * Puts files into the workspace of a room whose commit stays as it is: to see what the checks say without a part of the
 * change. Other files are left alone.
 *
 * @throws {BackspaceError} `clone_failed`
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function putFiles(
  { sandbox, path: root }: Workspace,
  files: readonly FileState[],
  signal: AbortSignal,
): Promise<void> {
  const run = async (script: string, names: readonly string[]) => {
    if (names.length === 0) return
    const stdin = names.map((name) => `${name}\0`).join('')
    await runInSandbox(sandbox, script, {
      signal,
      stdin,
      timeoutMs: 60_000,
      env: { W: root },
      code: 'clone_failed',
      failure: 'The files of the change could not be written in the clean sandbox.',
    })
  }
  const there = files.filter(({ bytes }) => bytes !== null)
  const pathsOf = (mode: string) => there.filter((file) => file.mode === mode).map(({ path }) => path)
  await run(
    REMOVE,
    files.map(({ path }) => path),
  )
  for (const { path, bytes, mode } of there) {
    if (bytes !== null && mode.startsWith('100'))
      await sandbox.writeFile(`${root}/${path}`, bytes, { signal })
  }
  await run(EXECUTABLE, pathsOf('100755'))
  const links = there.filter(({ mode }) => mode === '120000')
  await run(
    LINK,
    links.flatMap(({ path, bytes }) => [path, Buffer.from(bytes ?? []).toString()]),
  )
}
