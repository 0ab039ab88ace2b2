import { removedPaths, type VerifiedFile } from './verified-file.ts'

/** The reference that the commit of a change stream gets. */
export const CHANGE_REF = 'refs/backspace/change'

/**
 * A change as input of `git fast-import`: one commit on top of the base, with exactly these bytes and modes. One file that a
 * sandbox takes in one request, however many files were changed, and nothing in it is ever read by a shell.
 * https://git-scm.com/docs/git-fast-import
 *
 * @param base id of a commit that the git directory holds, or of a tree there, on which a commit without a parent is made.
 */
export function changeStream(
  base: string | { readonly tree: string },
  files: readonly Pick<VerifiedFile, 'path' | 'previousPath' | 'mode' | 'bytes' | 'sha'>[],
): Uint8Array {
  const parts: Uint8Array[] = []
  const say = (text: string) => parts.push(Buffer.from(text))
  const data = (bytes: Uint8Array) => {
    say(`data ${bytes.length}\n`)
    parts.push(bytes)
    say('\n')
  }
  say(`feature done\ncommit ${CHANGE_REF}\ncommitter Backspace <backspace@users.noreply.github.com> now\n`)
  data(Buffer.from('The change to verify'))
  say(typeof base === 'string' ? `from ${base}\n` : `M 040000 ${base.tree} ""\n`)
  // First what goes away: a folder may come where a file was.
  for (const path of files.flatMap(removedPaths)) say(`D ${quoted(path)}\n`)
  for (const { path, mode, bytes, sha } of files) {
    if (bytes === null || sha === null) continue
    if (mode === '160000') say(`M 160000 ${sha} ${quoted(path)}\n`)
    else {
      say(`M ${mode} inline ${quoted(path)}\n`)
      data(bytes)
    }
  }
  say('done\n')
  return Buffer.concat(parts)
}

/** As git reads names: a line break in one must not end the command. */
function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`
}
