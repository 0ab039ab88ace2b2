import type { RunGit } from './run-git.ts'

export interface FilesCommit {
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
export async function commitFiles(git: RunGit, path: string, commit: FilesCommit): Promise<string> {
  const ref = `refs/heads/${commit.branch}`
  const from = await resolve(git, path, commit.from ?? ref)
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
  await git(path, ['fast-import', '--quiet', '--force', '--date-format=raw'], { input: Buffer.concat(parts) })
  return (await git(path, ['rev-parse', ref])).text.trim()
}

async function resolve(git: RunGit, path: string, name: string): Promise<string | undefined> {
  const result = await git(path, ['rev-parse', '--quiet', '--verify', `${name}^{commit}`], { accept: [0, 1] })
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
