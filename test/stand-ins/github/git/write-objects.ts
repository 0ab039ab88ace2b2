import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiError } from '../api-error.ts'
import { listTree, objectType, objectTypes, type Person, sign } from './read-objects.ts'
import { type BareRepository, GitError } from './run-git.ts'

export interface TreeChange {
  readonly path: string
  readonly mode?: string | undefined
  readonly type?: string | undefined
  /** `null` deletes the path. */
  readonly sha?: string | null | undefined
  readonly content?: string | undefined
}

interface ResolvedChange {
  readonly path: string
  readonly mode: string
  readonly sha: string | null
}

const MODES = ['100644', '100755', '040000', '160000', '120000']

/**
 * Builds a tree as `POST /git/trees` does, on top of `base` when given.
 *
 * @throws {ApiError} 422 in GitHub's words for malformed paths, unknown objects and deletions of what is not there.
 */
export async function writeTree(
  repository: BareRepository,
  { base, changes }: { readonly base: string | undefined; readonly changes: readonly TreeChange[] },
): Promise<string> {
  if (base !== undefined && (await objectType(repository, base)) !== 'tree') {
    throw new ApiError(422, 'base_tree is not a valid tree oid')
  }
  for (const change of changes) checkPath(change.path)
  await mkdir(join(repository.path, 'standin'), { recursive: true })
  const scratch = await mkdtemp(join(repository.path, 'standin', 'tree-'))
  try {
    const resolved = await resolveChanges(repository, { changes, scratch })
    return await writeIndex(repository, { base, changes: resolved, scratch })
  } catch (error) {
    if (error instanceof GitError) throw new ApiError(422, 'Invalid tree info')
    throw error
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function checkPath(path: string): void {
  const bad = path
    .split('/')
    .some((part) => part === '' || part === '.' || part === '..' || /^(\.git|git~1)$/i.test(foldName(part)))
  if (bad || path.includes('\0')) {
    throw new ApiError(422, 'tree.path contains a malformed path component')
  }
}

/** HFS+ ignores these characters and NTFS trailing dots and spaces: with them `.git` could hide. */
function foldName(name: string): string {
  return name.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '').replace(/[. ]+$/, '')
}

async function resolveChanges(
  repository: BareRepository,
  { changes, scratch }: { readonly changes: readonly TreeChange[]; readonly scratch: string },
): Promise<ResolvedChange[]> {
  const inline = changes.filter((change) => change.content !== undefined)
  const shas = await writeContents(repository, {
    contents: inline.map((change) => change.content ?? ''),
    scratch,
  })
  const resolved: ResolvedChange[] = []
  for (const change of changes) {
    const mode = change.mode ?? '100644'
    if (!MODES.includes(mode)) throw new ApiError(422, 'Must supply a valid tree.mode')
    const sha = change.content === undefined ? change.sha : shas[inline.indexOf(change)]
    if (sha === undefined) throw new ApiError(422, 'Must supply either tree.sha or tree.content')
    resolved.push({ path: change.path, mode, sha })
  }
  await checkObjects(repository, resolved)
  return resolved
}

/** One git process for all inline contents: a spawn each would make a change of 400 files slow. */
async function writeContents(
  repository: BareRepository,
  { contents, scratch }: { readonly contents: readonly string[]; readonly scratch: string },
): Promise<string[]> {
  if (contents.length === 0) return []
  const files = contents.map((_, index) => join(scratch, String(index)))
  await Promise.all(files.map((file, index) => writeFile(file, contents[index] ?? '')))
  const result = await repository.git(['hash-object', '-w', '--no-filters', '--stdin-paths'], {
    input: files.join('\n'),
  })
  return result.text.trim().split('\n')
}

/** @throws {ApiError} 422 unless every entry names an object of the kind that its mode says. */
async function checkObjects(repository: BareRepository, changes: readonly ResolvedChange[]): Promise<void> {
  // The commit of a submodule lives in another repository.
  const named = changes.filter(({ sha, mode }) => sha !== null && mode !== '160000')
  const types = await objectTypes(
    repository,
    named.map(({ sha }) => sha ?? ''),
  )
  for (const [index, { sha, mode }] of named.entries()) {
    const wanted = mode === '040000' ? 'tree' : 'blob'
    if (types[index] !== wanted) throw new ApiError(422, `tree.sha ${sha} is not a valid ${wanted}`)
  }
}

async function writeIndex(
  repository: BareRepository,
  options: {
    readonly base: string | undefined
    readonly changes: readonly ResolvedChange[]
    readonly scratch: string
  },
): Promise<string> {
  const env = { GIT_INDEX_FILE: join(options.scratch, 'index') }
  await repository.git(options.base === undefined ? ['read-tree', '--empty'] : ['read-tree', options.base], {
    env,
  })
  const lines: string[] = []
  for (const change of options.changes) {
    const gone =
      change.sha === null || change.mode === '040000'
        ? await pathsUnder(repository, { ...options, change })
        : []
    lines.push(...gone.map((name) => `0 ${'0'.repeat(40)}\t${name}\0`))
    if (change.sha === null) continue
    const entries =
      change.mode === '040000' ? await expand(repository, change) : [{ ...change, sha: change.sha }]
    lines.push(...entries.map((entry) => `${entry.mode} ${entry.sha}\t${entry.path}\0`))
  }
  await repository.git(['update-index', '--add', '--replace', '-z', '--index-info'], {
    env,
    input: lines.join(''),
  })
  return (await repository.git(['write-tree'], { env })).text.trim()
}

async function pathsUnder(
  repository: BareRepository,
  { base, change }: { readonly base: string | undefined; readonly change: ResolvedChange },
): Promise<string[]> {
  const env = { GIT_LITERAL_PATHSPECS: '1' }
  const args = ['ls-tree', '-r', '-z', '--name-only', '--full-tree', base ?? '', '--', change.path]
  const names =
    base === undefined ? [] : (await repository.git(args, { env })).text.split('\0').filter((name) => name)
  if (names.length === 0 && change.sha === null) throw new ApiError(422, 'GitRPC::BadObjectState')
  return names
}

async function expand(
  repository: BareRepository,
  change: ResolvedChange,
): Promise<readonly { mode: string; sha: string; path: string }[]> {
  const entries = await listTree(repository, { tree: change.sha ?? '', recursive: true })
  return entries
    .filter((entry) => entry.type !== 'tree')
    .map((entry) => ({ mode: entry.mode, sha: entry.sha, path: `${change.path}/${entry.path}` }))
}

type NamedPerson = Partial<Record<keyof Person, string | undefined>>

interface WantedCommit {
  readonly tree: string
  readonly parents: readonly string[]
  readonly text: string
  readonly author?: NamedPerson | undefined
  readonly committer?: NamedPerson | undefined
}

/**
 * Commits as `POST /git/commits` does. What an App commits without naming anyone is signed by GitHub itself.
 *
 * @throws {ApiError} 422 in GitHub's words for unknown objects and dates that are none.
 */
export async function createCommit(
  repository: BareRepository,
  { tree, parents, text, author: named, committer: by }: WantedCommit,
  { self, viaApp }: { readonly self: Person; readonly viaApp: boolean },
): Promise<string> {
  const [treeType, ...types] = await objectTypes(repository, [tree, ...parents])
  if (treeType !== 'tree') throw new ApiError(422, 'Tree SHA does not exist')
  if (types.some((type) => type !== 'commit')) {
    throw new ApiError(422, 'Parent SHA does not exist or is not a commit object')
  }
  const author = fill(named, self)
  const signed = viaApp && named === undefined && by === undefined
  const github = { name: 'GitHub', email: 'noreply@github.com', date: self.date }
  const committer = signed ? github : fill(by, author)
  return writeCommit(repository, { tree, parents, author, committer, text, signed })
}

function fill(given: NamedPerson | undefined, { name, email, date }: Person): Person {
  const filled = { name: given?.name ?? name, email: given?.email ?? email, date: given?.date ?? date }
  if (!Number.isNaN(Date.parse(filled.date))) return filled
  throw new ApiError(422, `Invalid request.\n\n"${filled.date}" is not a valid date.`)
}

interface CommitToWrite {
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Person
  readonly committer: Person
  readonly text: string
  readonly signed: boolean
}

/** Writes a commit object; with `signed` it carries a signature that `readCommit` recognises. */
export async function writeCommit(repository: BareRepository, commit: CommitToWrite): Promise<string> {
  const header = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${formatPerson(commit.author)}`,
    `committer ${formatPerson(commit.committer)}`,
  ].join('\n')
  const payload = `${header}\n\n${commit.text}`
  const signature = commit.signed ? `\ngpgsig ${sign(payload).replaceAll('\n', '\n ')}` : ''
  const content = `${header}${signature}\n\n${commit.text}`
  return (
    await repository.git(['hash-object', '-t', 'commit', '-w', '--stdin'], { input: content })
  ).text.trim()
}

function formatPerson({ name, email, date }: Person): string {
  const offset = /([+-])(\d\d):(\d\d)$/.exec(date)
  const zone = offset ? `${offset[1]}${offset[2]}${offset[3]}` : '+0000'
  const clean = (text: string) => text.replace(/[<>\n]/g, '').trim()
  return `${clean(name)} <${clean(email)}> ${Math.floor(Date.parse(date) / 1000)} ${zone}`
}
