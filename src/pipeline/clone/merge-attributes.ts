import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A `.gitattributes` file of a commit. */
interface AttributesFile {
  /** Relative to the root. */
  readonly path: string
  readonly text: string
}

const MOST_FILES = 100
const MOST_CHARACTERS = 64 * 1024
const FILE = '.gitattributes'

/**
 * Makes git without a work tree follow the attributes of a commit, such as `merge=union` and `binary`. Only git 2.43 or
 * later can read them from a commit, but every git reads them from its own directory.
 *
 * @param run git in `directory`.
 */
export async function followAttributes(
  directory: string,
  commit: string,
  run: (args: readonly string[], accept?: readonly number[]) => Promise<string>,
): Promise<void> {
  const listed = await run(['grep', '-lzI', '-e', '', commit, '--', FILE, `**/${FILE}`], [1])
  const paths = listed
    .split('\0')
    .map((line) => line.slice(commit.length + 1))
    .filter((path) => path.endsWith(FILE))
  const files: AttributesFile[] = []
  for (const path of paths.slice(0, MOST_FILES)) {
    files.push({ path, text: await run(['cat-file', 'blob', `${commit}:${path}`]) })
  }
  await mkdir(join(directory, 'info'), { recursive: true })
  await writeFile(join(directory, 'info', 'attributes'), attributesOf(files))
}

/** Joins all files into one for the root. Deeper files take precedence, so they come later. */
export function attributesOf(files: readonly AttributesFile[]): string {
  const depth = ({ path }: AttributesFile) => path.split('/').length
  return files
    .toSorted((one, other) => depth(one) - depth(other))
    .map(({ path, text }) => movedTo(path.slice(0, -FILE.length), text.slice(0, MOST_CHARACTERS)))
    .join('')
}

/** Rewrites the rules of a folder's file for the root. @param folder ends with a slash; empty for the root. */
function movedTo(folder: string, text: string): string {
  // Such a folder is skipped: its name would need escapes, which patterns do not support reliably.
  if (/[\s"*?[\]\\]/.test(folder)) return ''
  const lines = text.split('\n').flatMap((line) => {
    const rule = line.trim()
    if (rule === '' || rule.startsWith('#')) return []
    // Macros are allowed in the root's file only.
    if (folder === '') return [rule]
    if (rule.startsWith('[attr]')) return []
    const quote = rule.startsWith('"') ? '"' : ''
    const pattern = rule.slice(quote.length)
    const name = (quote === '' ? pattern.split(/\s/, 1)[0] : pattern) ?? ''
    const isAnywhere = !name.replace(/\/$/, '').includes('/')
    return [`${quote}${folder}${isAnywhere ? '**/' : ''}${pattern.replace(/^\//, '')}`]
  })
  return lines.map((line) => `${line}\n`).join('')
}
