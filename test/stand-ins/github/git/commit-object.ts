import { createHmac } from 'node:crypto'
import type { RunGit } from './run-git.ts'

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

export interface CommitToWrite {
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Person
  readonly committer: Person
  readonly text: string
  readonly signed: boolean
}

/** Writes a commit object; with `signed` it carries a signature that `readCommit` recognises. */
export async function writeCommit(git: RunGit, path: string, commit: CommitToWrite): Promise<string> {
  const header = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${formatPerson(commit.author)}`,
    `committer ${formatPerson(commit.committer)}`,
  ].join('\n')
  const payload = `${header}\n\n${commit.text}`
  const signature = commit.signed ? `\ngpgsig ${sign(payload).replaceAll('\n', '\n ')}` : ''
  const content = `${header}${signature}\n\n${commit.text}`
  return (await git(path, ['hash-object', '-t', 'commit', '-w', '--stdin'], { input: content })).text.trim()
}

/** Reads a commit object by its full SHA. */
export async function readCommit(git: RunGit, path: string, sha: string): Promise<CommitObject> {
  return parseCommit(sha, (await git(path, ['cat-file', 'commit', sha])).text)
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
