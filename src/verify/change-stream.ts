import { removedPaths, type VerifiedFile } from './verified-file.ts'

/** The reference under which `git fast-import` stores the commit of a change stream. */
export const CHANGE_REF = 'refs/backspace/change'

/**
 * A change as input for `git fast-import`: one commit on top of the base, with exactly these bytes and modes. A sandbox
 * gets it in one request, however many files were changed, and no shell ever reads it.
 * https://git-scm.com/docs/git-fast-import
 *
 * @param base id of a commit in the git directory, or of a tree there, from which a commit without a parent is made.
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
  // Deletions first, since a folder may replace a file.
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

/** Quotes a name for git, so that a line break in it does not end the command. */
function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`
}
