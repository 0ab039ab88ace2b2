import { createHmac } from 'node:crypto'
import { isoSeconds } from '../world.ts'
import type { BareRepository } from './run-git.ts'

type ObjectType = 'blob' | 'tree' | 'commit' | 'tag'

export interface TreeEntry {
  readonly mode: string
  readonly type: string
  readonly sha: string
  readonly size: number | undefined
  readonly path: string
}

/** The type of an object, or undefined when `sha` is not a full SHA of an object that exists. */
export async function objectType(repository: BareRepository, sha: string): Promise<ObjectType | undefined> {
  if (!/^[0-9a-f]{40}$/.test(sha)) return undefined
  const result = await repository.git(['cat-file', '-t', sha], { accept: [0, 128] })
  const type = result.text.trim()
  return type === 'blob' || type === 'tree' || type === 'commit' || type === 'tag' ? type : undefined
}

/** The types of many objects in one git process, in the order asked; undefined for those that do not exist. */
export async function objectTypes(
  repository: BareRepository,
  shas: readonly string[],
): Promise<(string | undefined)[]> {
  if (shas.length === 0) return []
  const known = shas.map((sha) => (/^[0-9a-f]{40}$/.test(sha) ? sha : '0'.repeat(40)))
  const result = await repository.git(['cat-file', '--batch-check=%(objecttype)'], {
    input: `${known.join('\n')}\n`,
  })
  const lines = result.text.trim().split('\n')
  return lines.map((line) => (line.endsWith(' missing') ? undefined : line))
}

/** The bytes of a blob. */
export async function readBlob(repository: BareRepository, sha: string): Promise<Buffer> {
  return (await repository.git(['cat-file', 'blob', sha])).stdout
}

/** Entries of a tree, as paths from it; names that are not UTF-8 come with replacement characters, as on GitHub. */
export async function listTree(
  repository: BareRepository,
  options: { readonly tree: string; readonly recursive?: boolean; readonly under?: string },
): Promise<TreeEntry[]> {
  const flags = options.recursive ? ['-r', '-t'] : []
  const paths = options.under === undefined ? [] : ['--', options.under]
  const result = await repository.git(
    ['ls-tree', '-z', '-l', '--full-tree', ...flags, options.tree, ...paths],
    {
      env: { GIT_LITERAL_PATHSPECS: '1' },
    },
  )
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
export async function treeOf(repository: BareRepository, commit: string): Promise<string> {
  return (await repository.git(['rev-parse', '--verify', `${commit}^{tree}`])).text.trim()
}

export interface FileDiff {
  readonly path: string
  readonly previousPath: string | undefined
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed'
  readonly sha: string
  readonly additions: number
  readonly deletions: number
  /** The hunks, without git's file header; undefined for binary files. */
  readonly patch: string | undefined
}

export interface Range {
  readonly from: string
  readonly to: string
}

const STATUS: Readonly<Record<string, FileDiff['status']>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  T: 'changed',
}

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/** What changed between two commits or trees, file by file, as GitHub lists it. */
export async function diffFiles(repository: BareRepository, { from, to }: Range): Promise<FileDiff[]> {
  const diff = (flags: readonly string[]) =>
    repository.git(['diff-tree', '-r', '-M', '--no-color', '--no-ext-diff', ...flags, from, to])
  const [raw, numstat, patch] = await Promise.all([
    diff(['--raw', '-z']),
    diff(['--numstat', '-z']),
    diff(['-p']),
  ])
  const entries = parseRaw(raw.text)
  const counts = parseNumstat(numstat.text)
  const patches = splitPatch(patch.text)
  let next = 0
  return entries.map((entry, index) => {
    // A change of type (file to link) is shown by git as a deletion and an addition.
    const texts = patches.slice(next, next + (entry.status === 'changed' ? 2 : 1))
    next += texts.length
    return { ...entry, ...(counts[index] ?? { additions: 0, deletions: 0 }), patch: hunks(texts) }
  })
}

/** The whole difference as text, as `git diff` prints it. */
export async function diffText(repository: BareRepository, { from, to }: Range): Promise<string> {
  return (await repository.git(['diff-tree', '-r', '-p', '-M', '--no-color', '--no-ext-diff', from, to])).text
}

/** Where two commits parted; undefined when they have nothing in common. */
export async function mergeBase(
  repository: BareRepository,
  { from, to }: Range,
): Promise<string | undefined> {
  const result = await repository.git(['merge-base', from, to], { accept: [0, 1, 128] })
  return result.text.trim() || undefined
}

/** SHAs of the commits that `to` has and `from` has not, oldest first. */
export async function commitsBetween(repository: BareRepository, { from, to }: Range): Promise<string[]> {
  const result = await repository.git(['rev-list', '--reverse', '--topo-order', to, `^${from}`])
  return result.text.split('\n').filter((line) => line !== '')
}

/** What a commit changed compared with its first parent (or with nothing). */
export async function commitRange(repository: BareRepository, sha: string): Promise<Range> {
  const parent = await repository.git(['rev-parse', '--quiet', '--verify', `${sha}^1`], {
    accept: [0, 1, 128],
  })
  return { from: parent.text.trim() || EMPTY_TREE, to: sha }
}

function parseRaw(text: string): Omit<FileDiff, 'additions' | 'deletions' | 'patch'>[] {
  const fields = text.split('\0')
  const entries: Omit<FileDiff, 'additions' | 'deletions' | 'patch'>[] = []
  for (let index = 0; index < fields.length; ) {
    const header = fields[index++] ?? ''
    if (!header.startsWith(':')) continue
    const [, , before = '', after = '', letter = 'M'] = header.split(' ')
    const status = STATUS[letter.charAt(0)] ?? 'modified'
    const first = fields[index++] ?? ''
    const path = status === 'renamed' ? (fields[index++] ?? '') : first
    const previousPath = status === 'renamed' ? first : undefined
    entries.push({ path, previousPath, status, sha: status === 'removed' ? before : after })
  }
  return entries
}

function parseNumstat(text: string): { additions: number; deletions: number }[] {
  const fields = text.split('\0')
  const counts: { additions: number; deletions: number }[] = []
  for (let index = 0; index < fields.length; index++) {
    const match = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(fields[index] ?? '')
    if (!match) continue
    counts.push({ additions: Number(match[1]) || 0, deletions: Number(match[2]) || 0 })
    // A rename has its two names in the next two fields.
    if (match[3] === '') index += 2
  }
  return counts
}

function splitPatch(text: string): string[] {
  return text.split(/^(?=diff --git )/m).filter((part) => part.startsWith('diff --git '))
}

function hunks(texts: readonly string[]): string | undefined {
  const parts = texts.map((text) => {
    const start = text.search(/^@@ /m)
    return start < 0 ? '' : text.slice(start).replace(/\n$/, '')
  })
  const joined = parts.filter((part) => part !== '').join('\n')
  return joined === '' ? undefined : joined
}

export interface Person {
  readonly name: string
  readonly email: string
  /** ISO 8601. */
  readonly date: string
}

export interface CommitObject {
  readonly sha: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Person
  readonly committer: Person
  readonly text: string
  /** The signature and what it signs, when there is one. */
  readonly signature: string | undefined
  readonly payload: string
  /** Signed by this stand-in, as GitHub signs what an App commits through the API. */
  readonly verified: boolean
}

/** Reads a commit object by its full SHA. */
export async function readCommit(repository: BareRepository, sha: string): Promise<CommitObject> {
  return parseCommit(sha, (await repository.git(['cat-file', 'commit', sha])).text)
}

function parseCommit(sha: string, content: string): CommitObject {
  const split = content.indexOf('\n\n')
  const text = content.slice(split + 2)
  const lines = content.slice(0, split).replaceAll('\n ', '\u0000').split('\n')
  const values = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
  const signature = values('gpgsig')[0]?.replaceAll('\u0000', '\n')
  const unsigned = lines
    .filter((line) => !line.startsWith('gpgsig '))
    .join('\n')
    .replaceAll('\u0000', '\n ')
  const payload = `${unsigned}\n\n${text}`
  return {
    sha,
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    author: parsePerson(values('author')[0] ?? ''),
    committer: parsePerson(values('committer')[0] ?? ''),
    text,
    signature,
    payload,
    verified: signature !== undefined && signature === sign(payload),
  }
}

// Not OpenPGP: no client here checks the bytes, they only have to be ours and to belong to this content.
export function sign(payload: string): string {
  const mac = createHmac('sha256', 'github-stand-in').update(payload).digest('base64')
  return `-----BEGIN PGP SIGNATURE-----\n\n${mac}\n-----END PGP SIGNATURE-----`
}

function parsePerson(line: string): Person {
  const [, name = '', email = '', seconds = '0'] = /^(.*) <(.*)> (\d+) [+-]\d{4}$/.exec(line) ?? []
  return { name, email, date: isoSeconds(Number(seconds) * 1000) }
}
