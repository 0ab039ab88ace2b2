import { createHmac } from 'node:crypto'
import { readReferences } from './references.ts'
import type { BareRepository } from './run-git.ts'

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
function sign(payload: string): string {
  const mac = createHmac('sha256', 'github-stand-in').update(payload).digest('base64')
  return `-----BEGIN PGP SIGNATURE-----\n\n${mac}\n-----END PGP SIGNATURE-----`
}

function formatPerson({ name, email, date }: Person): string {
  const offset = /([+-])(\d\d):(\d\d)$/.exec(date)
  const zone = offset ? `${offset[1]}${offset[2]}${offset[3]}` : '+0000'
  const clean = (text: string) => text.replace(/[<>\n]/g, '').trim()
  return `${clean(name)} <${clean(email)}> ${Math.floor(Date.parse(date) / 1000)} ${zone}`
}

function parsePerson(line: string): Person {
  const [, name = '', email = '', seconds = '0'] = /^(.*) <(.*)> (\d+) [+-]\d{4}$/.exec(line) ?? []
  return { name, email, date: isoSeconds(Number(seconds) * 1000) }
}

/** GitHub's timestamps: UTC, whole seconds. */
export function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

interface FilesCommit {
  readonly branch: string
  readonly text: string
  readonly author: { readonly name: string; readonly email: string }
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Path to content; `null` deletes the file. */
  readonly files: Readonly<Record<string, string | Uint8Array | null>>
  readonly executable?: readonly string[]
  /** Path to link target. */
  readonly symlinks?: Readonly<Record<string, string>>
  /** Commit, branch or tag to start from; default the branch itself, or nothing when it does not exist. */
  readonly from?: string | undefined
}

/** Commits files on a branch in one git process, however many there are. Answers the commit's SHA. */
export async function commitFiles(repository: BareRepository, commit: FilesCommit): Promise<string> {
  const ref = `refs/heads/${commit.branch}`
  const from = await resolve(repository, commit.from ?? ref)
  const seconds = Math.floor(commit.at / 1000)
  const who = `${commit.author.name} <${commit.author.email}> ${seconds} +0000`
  const parts: Uint8Array[] = [
    Buffer.from(`commit ${ref}\nauthor ${who}\ncommitter ${who}\n`),
    data(commit.text),
    Buffer.from(from === undefined ? '' : `from ${from}\n`),
  ]
  for (const [name, content] of Object.entries(commit.files)) {
    if (content === null) parts.push(Buffer.from(`D ${quote(name)}\n`))
    else parts.push(entry(commit.executable?.includes(name) ? '100755' : '100644', name, content))
  }
  for (const [name, target] of Object.entries(commit.symlinks ?? {}))
    parts.push(entry('120000', name, target))
  await repository.git(['fast-import', '--quiet', '--force', '--date-format=raw'], {
    input: Buffer.concat(parts),
  })
  return (await resolve(repository, ref)) ?? ''
}

async function resolve(repository: BareRepository, name: string): Promise<string | undefined> {
  if (name.startsWith('refs/heads/')) return readReferences(repository).get(name)
  const result = await repository.git(['rev-parse', '--quiet', '--verify', `${name}^{commit}`], {
    accept: [0, 1],
  })
  return result.text.trim() || undefined
}

function entry(mode: string, name: string, content: string | Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`M ${mode} inline ${quote(name)}\n`), data(content)])
}

function data(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')])
}

function quote(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
