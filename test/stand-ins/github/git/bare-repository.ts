import { chmod, cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readReferences } from './references.ts'
import type { BareRepository } from './run-git.ts'

const CONFIG: readonly (readonly [string, string])[] = [
  ['http.receivepack', 'true'],
  ['uploadpack.allowFilter', 'true'],
  ['uploadpack.allowAnySHA1InWant', 'true'],
  ['receive.fsckObjects', 'true'],
  // GitHub publishes pull request heads and refuses pushes to them.
  ['receive.hideRefs', 'refs/pull'],
  ['receive.autogc', 'false'],
  ['gc.auto', '0'],
  // GitHub accepts names that are awkward on other systems, so may we: the API checks `.git` look-alikes itself.
  ['core.protectNTFS', 'false'],
  ['core.protectHFS', 'false'],
]

/** Refuses pushes to protected branches and, without the permission, to workflow files, in GitHub's words. */
const UPDATE_HOOK = `#!/bin/sh
ref=$1 old=$2 new=$3
branch=\${ref#refs/heads/}
if git config --get-all standin.protected | grep -Fqx -- "$branch"; then
  echo "error: GH006: Protected branch update failed for $ref." >&2
  echo "error: Changes must be made through a pull request." >&2
  exit 1
fi
case $new in *[!0]*) ;; *)
  if [ "$ref" = "$(git symbolic-ref HEAD)" ]; then
    echo "error: refusing to delete the current branch: $ref" >&2
    exit 1
  fi
  exit 0 ;;
esac
if [ "$STANDIN_WORKFLOWS" = refused ]; then
  touched=$(git log --format= --name-only "$new" --not --all -- .github/workflows | head -n 1)
  if [ -n "$touched" ]; then
    echo "error: refusing to allow a GitHub App to create or update workflow \\\`$touched\\\` without \\\`workflows\\\` permission" >&2
    exit 1
  fi
fi
exit 0
`

/** Makes an empty bare repository with the default branch `branch`. */
export async function createBareRepository(repository: BareRepository, branch: string): Promise<void> {
  await mkdir(repository.path)
  await repository.git(['init', '--quiet', '--bare', '--template=', `--initial-branch=${branch}`])
  await configure(repository)
}

/**
 * Copies a local git repository (bare or not, or a directory inside one) without touching it.
 *
 * @returns the branch that HEAD pointed to; a detached HEAD becomes a branch `main`.
 */
export async function copyRepository(repository: BareRepository, source: string): Promise<string> {
  await mkdir(repository.path)
  const ask = async (...args: readonly string[]) =>
    (await repository.git(['-C', source, ...args], { accept: [0, 1] })).text.trim()
  const gitDirectory = await ask('rev-parse', '--absolute-git-dir')
  const common = await ask('rev-parse', '--path-format=absolute', '--git-common-dir')
  const head = await ask('symbolic-ref', '--quiet', '--short', 'HEAD')
  const sha = await ask('rev-parse', '--quiet', '--verify', 'HEAD')
  await repository.git(['clone', '--quiet', '--bare', '--no-hardlinks', common, '.'])
  const branch = head || 'main'
  // Of a worktree, HEAD lives beside the shared directory that was cloned.
  if (sha !== '' && (head === '' || gitDirectory !== common)) {
    await repository.git(['update-ref', `refs/heads/${branch}`, sha])
  }
  await repository.git(['symbolic-ref', 'HEAD', `refs/heads/${branch}`])
  await repository.git(['remote', 'remove', 'origin'])
  await configure(repository)
  return branch
}

/** Copies a stand-in repository for a fork: all objects and refs, but neither pull request refs nor protection. */
export async function forkRepository(from: BareRepository, to: BareRepository): Promise<void> {
  await cp(from.path, to.path, { recursive: true })
  const refs = (await to.git(['for-each-ref', '--format=delete %(refname)', 'refs/pull/'])).text
  await to.git(['update-ref', '--stdin'], { input: refs })
  await to.git(['config', '--unset-all', 'standin.protected'], { accept: [0, 5] })
}

/** GitHub keeps the objects of all forks together; here a repository has to fetch those of another. */
export async function importCommit(
  into: BareRepository,
  { from, sha }: { readonly from: BareRepository; readonly sha: string },
): Promise<void> {
  await into.git(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', from.path, sha])
}

/** Writes the protected branches into the bare repository, where its push hook reads them. */
export async function writeProtection(repository: BareRepository, branches: Iterable<string>): Promise<void> {
  await repository.git(['config', '--unset-all', 'standin.protected'], { accept: [0, 5] })
  for (const branch of branches) await repository.git(['config', '--add', 'standin.protected', branch])
}

async function configure({ path }: BareRepository): Promise<void> {
  const lines = CONFIG.map(([key, value]) => {
    const [section = '', name = ''] = key.split('.')
    return `[${section}]\n\t${name} = ${value}\n`
  })
  await writeFile(join(path, 'config'), lines.join(''), { flag: 'a' })
  await mkdir(join(path, 'hooks'), { recursive: true })
  await writeFile(join(path, 'hooks', 'update'), UPDATE_HOOK)
  await chmod(join(path, 'hooks', 'update'), 0o755)
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
