import { ApiError } from '../api-error.ts'
import { objectType, objectTypes } from './read-objects.ts'
import { readReferences } from './read-references.ts'
import { GitError, type RunGit } from './run-git.ts'

export interface Reference {
  readonly ref: string
  readonly sha: string
  readonly type: string
}

/** All references whose full name starts with `prefix` (which may end inside a name). */
export async function listReferences(git: RunGit, path: string, prefix: string): Promise<Reference[]> {
  const found = [...readReferences(path)].filter(([ref]) => ref.startsWith(prefix))
  const tags = found.filter(([ref]) => !ref.startsWith('refs/heads/'))
  const types = await objectTypes(
    git,
    path,
    tags.map(([, sha]) => sha),
  )
  const typeOf = new Map(tags.map(([ref], index) => [ref, types[index]]))
  // Git keeps everything but commits out of branches.
  return found.map(([ref, sha]) => ({ ref, sha, type: typeOf.get(ref) ?? 'commit' }))
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
