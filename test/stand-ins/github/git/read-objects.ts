import type { RunGit } from './run-git.ts'

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag'

export interface TreeEntry {
  readonly mode: string
  readonly type: string
  readonly sha: string
  readonly size: number | undefined
  readonly path: string
}

/** The type of an object, or undefined when `sha` is not a full SHA of an object that exists. */
export async function objectType(git: RunGit, path: string, sha: string): Promise<ObjectType | undefined> {
  if (!/^[0-9a-f]{40}$/.test(sha)) return undefined
  const result = await git(path, ['cat-file', '-t', sha], { accept: [0, 128] })
  const type = result.text.trim()
  return type === 'blob' || type === 'tree' || type === 'commit' || type === 'tag' ? type : undefined
}

/** The types of many objects in one git process, in the order asked; undefined for those that do not exist. */
export async function objectTypes(
  git: RunGit,
  path: string,
  shas: readonly string[],
): Promise<(string | undefined)[]> {
  if (shas.length === 0) return []
  const known = shas.map((sha) => (/^[0-9a-f]{40}$/.test(sha) ? sha : '0'.repeat(40)))
  const result = await git(path, ['cat-file', '--batch-check=%(objecttype)'], {
    input: `${known.join('\n')}\n`,
  })
  const lines = result.text.trim().split('\n')
  return lines.map((line) => (line.endsWith(' missing') ? undefined : line))
}

/**
 * Resolves what people call a commit (branch, tag, `refs/…`, full or short SHA) to its SHA. Revision
 * expressions such as `main~1` are not resolved: GitHub does not either.
 */
export async function resolveCommit(git: RunGit, path: string, name: string): Promise<string | undefined> {
  if (name === '' || /[~^:?*[\\\s]|\.\.|@\{/.test(name) || name.startsWith('-')) return undefined
  const short = name.replace(/^refs\//, '')
  const candidates = [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${short}`]
  if (name === 'HEAD' || /^[0-9a-f]{4,40}$/.test(name)) candidates.push(name)
  for (const candidate of candidates) {
    const result = await git(path, ['rev-parse', '--quiet', '--verify', `${candidate}^{commit}`], {
      accept: [0, 1, 128],
    })
    if (result.exitCode === 0) return result.text.trim()
  }
  return undefined
}

/** Has the repository no branch at all? */
export async function isEmpty(git: RunGit, path: string): Promise<boolean> {
  return (await git(path, ['for-each-ref', '--count=1', 'refs/heads/'])).text === ''
}

/** The bytes of a blob. */
export async function readBlob(git: RunGit, path: string, sha: string): Promise<Buffer> {
  return (await git(path, ['cat-file', 'blob', sha])).stdout
}

/** Entries of a tree, as paths from it; names that are not UTF-8 come with replacement characters, as on GitHub. */
export async function listTree(
  git: RunGit,
  path: string,
  options: { readonly tree: string; readonly recursive?: boolean; readonly under?: string },
): Promise<TreeEntry[]> {
  const flags = options.recursive ? ['-r', '-t'] : []
  const paths = options.under === undefined ? [] : ['--', options.under]
  const result = await git(path, ['ls-tree', '-z', '-l', '--full-tree', ...flags, options.tree, ...paths], {
    env: { GIT_LITERAL_PATHSPECS: '1' },
  })
  return result.text
    .split('\0')
    .filter((line) => line !== '')
    .map(parseEntry)
}

function parseEntry(line: string): TreeEntry {
  const [, mode = '', type = '', sha = '', size = '-', path = ''] =
    /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? []
  return { mode, type, sha, size: size === '-' ? undefined : Number(size), path }
}

/** The tree of a commit or tree. */
export async function treeOf(git: RunGit, path: string, commit: string): Promise<string> {
  return (await git(path, ['rev-parse', '--verify', `${commit}^{tree}`])).text.trim()
}
