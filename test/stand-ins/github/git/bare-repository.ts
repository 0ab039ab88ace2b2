import { chmod, cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiError } from '../api-error.ts'
import { objectType } from './read-objects.ts'
import { GitError, type RunGit } from './run-git.ts'

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
export async function createBareRepository(git: RunGit, path: string, branch: string): Promise<void> {
  await git('/', ['init', '--quiet', '--bare', `--initial-branch=${branch}`, path])
  await configure(path)
}

/**
 * Copies a local git repository (bare or not, or a directory inside one) without touching it.
 *
 * @returns the branch that HEAD pointed to; a detached HEAD becomes a branch `main`.
 */
export async function copyRepository(git: RunGit, source: string, path: string): Promise<string> {
  const gitDirectory = (await git(source, ['rev-parse', '--absolute-git-dir'])).text.trim()
  const common = (await git(source, ['rev-parse', '--path-format=absolute', '--git-common-dir'])).text.trim()
  const head = (
    await git(source, ['symbolic-ref', '--quiet', '--short', 'HEAD'], { accept: [0, 1] })
  ).text.trim()
  const sha = (
    await git(source, ['rev-parse', '--quiet', '--verify', 'HEAD'], { accept: [0, 1] })
  ).text.trim()
  await git('/', ['clone', '--quiet', '--bare', '--no-hardlinks', common, path])
  const branch = head || 'main'
  // Of a worktree, HEAD lives beside the shared directory that was cloned.
  if (sha !== '' && (head === '' || gitDirectory !== common)) {
    await git(path, ['update-ref', `refs/heads/${branch}`, sha])
  }
  await git(path, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`])
  await git(path, ['remote', 'remove', 'origin'])
  await configure(path)
  return branch
}

/** Copies a stand-in repository for a fork: all objects and refs, but neither pull request refs nor protection. */
export async function forkRepository(git: RunGit, from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true })
  const refs = (await git(to, ['for-each-ref', '--format=delete %(refname)', 'refs/pull/'])).text
  await git(to, ['update-ref', '--stdin'], { input: refs })
  await git(to, ['config', '--unset-all', 'standin.protected'], { accept: [0, 5] })
}

/** Writes the protected branches into the bare repository, where its push hook reads them. */
export async function writeProtection(git: RunGit, path: string, branches: Iterable<string>): Promise<void> {
  await git(path, ['config', '--unset-all', 'standin.protected'], { accept: [0, 5] })
  for (const branch of branches) await git(path, ['config', '--add', 'standin.protected', branch])
}

async function configure(path: string): Promise<void> {
  const lines = CONFIG.map(([key, value]) => {
    const [section = '', name = ''] = key.split('.')
    return `[${section}]\n\t${name} = ${value}\n`
  })
  await writeFile(join(path, 'config'), lines.join(''), { flag: 'a' })
  await writeFile(join(path, 'hooks', 'update'), UPDATE_HOOK)
  await chmod(join(path, 'hooks', 'update'), 0o755)
}

export interface Reference {
  readonly ref: string
  readonly sha: string
  readonly type: string
}

/** All references whose full name starts with `prefix` (which may end inside a name). */
export async function listReferences(git: RunGit, path: string, prefix: string): Promise<Reference[]> {
  const result = await git(path, ['for-each-ref', '--format=%(refname) %(objectname) %(objecttype)'])
  return result.text
    .split('\n')
    .filter((line) => line.startsWith(prefix) && line !== '')
    .map((line) => {
      const [ref = '', sha = '', type = ''] = line.split(' ')
      return { ref, sha, type }
    })
}

/** The reference with exactly this full name. */
export async function readReference(git: RunGit, path: string, ref: string): Promise<Reference | undefined> {
  return (await listReferences(git, path, ref)).find((reference) => reference.ref === ref)
}

/** Creates a reference as `POST /git/refs` does. @throws {ApiError} 422 in GitHub's words. */
export async function createReference(
  git: RunGit,
  path: string,
  { ref, sha }: Omit<Reference, 'type'>,
): Promise<void> {
  if (!ref.startsWith('refs/') || ref.split('/').length < 3) {
    throw new ApiError(422, "Reference name must start with 'refs/' and contain at least two slashes.")
  }
  if ((await git('/', ['check-ref-format', ref], { accept: [0, 1] })).exitCode !== 0) {
    throw new ApiError(422, `${ref} is not a valid ref name.`)
  }
  if (!(await isRightTarget(git, path, { ref, sha }))) throw new ApiError(422, 'Object does not exist')
  if (await readReference(git, path, ref)) throw new ApiError(422, 'Reference already exists')
  await update(git, path, [ref, sha, '0'.repeat(40)])
}

/** Moves a reference as `PATCH /git/refs/{ref}` does. @throws {ApiError} 422 in GitHub's words. */
export async function moveReference(
  git: RunGit,
  path: string,
  { ref, sha, force }: { readonly ref: string; readonly sha: string; readonly force: boolean },
): Promise<string> {
  const before = await readReference(git, path, ref)
  if (!before) throw new ApiError(422, 'Reference does not exist')
  if (!(await isRightTarget(git, path, { ref, sha }))) throw new ApiError(422, 'Object does not exist')
  if (!force && !(await isAncestor(git, path, { ancestor: before.sha, of: sha }))) {
    throw new ApiError(422, 'Update is not a fast forward')
  }
  await update(git, path, [ref, sha, before.sha])
  return before.sha
}

/** Deletes a reference; answers the SHA that it had. @throws {ApiError} 422 when there is none. */
export async function deleteReference(git: RunGit, path: string, ref: string): Promise<string> {
  const before = await readReference(git, path, ref)
  if (!before) throw new ApiError(422, 'Reference does not exist')
  await git(path, ['update-ref', '-d', ref, before.sha])
  return before.sha
}

/** Is `ancestor` part of the history of `of` (or the same commit)? */
export async function isAncestor(
  git: RunGit,
  path: string,
  { ancestor, of }: { readonly ancestor: string; readonly of: string },
): Promise<boolean> {
  const result = await git(path, ['merge-base', '--is-ancestor', ancestor, of], { accept: [0, 1, 128] })
  return result.exitCode === 0
}

async function isRightTarget(
  git: RunGit,
  path: string,
  { ref, sha }: Omit<Reference, 'type'>,
): Promise<boolean> {
  const type = await objectType(git, path, sha)
  return ref.startsWith('refs/heads/') ? type === 'commit' : type !== undefined
}

async function update(git: RunGit, path: string, args: readonly string[]): Promise<void> {
  try {
    await git(path, ['update-ref', ...args])
  } catch (error) {
    // Another update came first, or a branch is named like a folder of this one.
    if (error instanceof GitError) throw new ApiError(422, 'Reference update failed')
    throw error
  }
}
