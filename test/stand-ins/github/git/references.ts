import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApiError } from '../api-error.ts'
import { objectType, objectTypes, type Range } from './read-objects.ts'
import { type BareRepository, GitError } from './run-git.ts'

export interface Reference {
  readonly ref: string
  readonly sha: string
  readonly type: string
}

/** All references whose full name starts with `prefix` (which may end inside a name). */
export async function listReferences(repository: BareRepository, prefix: string): Promise<Reference[]> {
  const found = [...readReferences(repository)].filter(([ref]) => ref.startsWith(prefix))
  const tags = found.filter(([ref]) => !ref.startsWith('refs/heads/'))
  const types = await objectTypes(
    repository,
    tags.map(([, sha]) => sha),
  )
  const typeOf = new Map(tags.map(([ref], index) => [ref, types[index]]))
  // Git keeps everything but commits out of branches.
  return found.map(([ref, sha]) => ({ ref, sha, type: typeOf.get(ref) ?? 'commit' }))
}

/** The reference with exactly this full name. */
export async function readReference(repository: BareRepository, ref: string): Promise<Reference | undefined> {
  return (await listReferences(repository, ref)).find((reference) => reference.ref === ref)
}

/** Creates a reference as `POST /git/refs` does. @throws {ApiError} 422 in GitHub's words. */
export async function createReference(
  repository: BareRepository,
  { ref, sha }: Omit<Reference, 'type'>,
): Promise<void> {
  if (!ref.startsWith('refs/') || ref.split('/').length < 3) {
    throw new ApiError(422, "Reference name must start with 'refs/' and contain at least two slashes.")
  }
  if ((await repository.git(['check-ref-format', ref], { accept: [0, 1] })).exitCode !== 0) {
    throw new ApiError(422, `${ref} is not a valid ref name.`)
  }
  if (!(await isRightTarget(repository, { ref, sha }))) throw new ApiError(422, 'Object does not exist')
  if (await readReference(repository, ref)) throw new ApiError(422, 'Reference already exists')
  await update(repository, [ref, sha, '0'.repeat(40)])
}

/** Moves a reference as `PATCH /git/refs/{ref}` does. @throws {ApiError} 422 in GitHub's words. */
export async function moveReference(
  repository: BareRepository,
  { ref, sha, force }: { readonly ref: string; readonly sha: string; readonly force: boolean },
): Promise<string> {
  const before = await readReference(repository, ref)
  if (!before) throw new ApiError(422, 'Reference does not exist')
  if (!(await isRightTarget(repository, { ref, sha }))) throw new ApiError(422, 'Object does not exist')
  if (!force && !(await isAncestor(repository, { ancestor: before.sha, of: sha }))) {
    throw new ApiError(422, 'Update is not a fast forward')
  }
  await update(repository, [ref, sha, before.sha])
  return before.sha
}

/** Deletes a reference; answers the SHA that it had. @throws {ApiError} 422 when there is none. */
export async function deleteReference(repository: BareRepository, ref: string): Promise<string> {
  const before = await readReference(repository, ref)
  if (!before) throw new ApiError(422, 'Reference does not exist')
  await repository.git(['update-ref', '-d', ref, before.sha])
  return before.sha
}

/** Is `ancestor` part of the history of `of` (or the same commit)? */
export async function isAncestor(
  repository: BareRepository,
  { ancestor, of }: { readonly ancestor: string; readonly of: string },
): Promise<boolean> {
  const result = await repository.git(['merge-base', '--is-ancestor', ancestor, of], { accept: [0, 1, 128] })
  return result.exitCode === 0
}

async function isRightTarget(
  repository: BareRepository,
  { ref, sha }: Omit<Reference, 'type'>,
): Promise<boolean> {
  const type = await objectType(repository, sha)
  return ref.startsWith('refs/heads/') ? type === 'commit' : type !== undefined
}

async function update(repository: BareRepository, args: readonly string[]): Promise<void> {
  try {
    await repository.git(['update-ref', ...args])
  } catch (error) {
    // Another update came first, or a branch is named like a folder of this one.
    if (error instanceof GitError) throw new ApiError(422, 'Reference update failed')
    throw error
  }
}

/**
 * Resolves what people call a commit (branch, tag, `refs/…`, full or short SHA) to its SHA. Revision
 * expressions such as `main~1` are not resolved: GitHub does not either.
 */
export async function resolveCommit(repository: BareRepository, name: string): Promise<string | undefined> {
  if (name === '' || /[~^:?*[\\\s]|\.\.|@\{/.test(name) || name.startsWith('-')) return undefined
  const references = readReferences(repository)
  const candidates = [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name.replace(/^refs\//, '')}`].map(
    (ref) => references.get(ref),
  )
  if (name === 'HEAD' || /^[0-9a-f]{4,40}$/.test(name)) candidates.push(name)
  for (const candidate of candidates) {
    if (candidate === undefined) continue
    const result = await repository.git(['rev-parse', '--quiet', '--verify', `${candidate}^{commit}`], {
      accept: [0, 1, 128],
    })
    if (result.exitCode === 0) return result.text.trim()
  }
  return undefined
}

/**
 * Would a merge of `to` into `from` go without conflict? null when this git cannot say (before 2.38).
 */
export async function isMergeable(repository: BareRepository, { from, to }: Range): Promise<boolean | null> {
  const [base, head] = [await resolveCommit(repository, from), await resolveCommit(repository, to)]
  if (base === undefined || head === undefined) return null
  const result = await repository.git(['merge-tree', '--write-tree', base, head], {
    accept: [0, 1, 128, 129],
  })
  return result.exitCode > 1 ? null : result.exitCode === 0
}

/** Has the repository no branch at all? */
export function isEmpty(repository: BareRepository): boolean {
  return ![...readReferences(repository).keys()].some((ref) => ref.startsWith('refs/heads/'))
}

/**
 * The references of a bare repository and the objects they name, in git's order. Read from its files: most requests ask
 * for some, and starting git takes a hundred times as long. Symbolic references are left out.
 */
export function readReferences({ path }: BareRepository): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of (read(join(path, 'packed-refs')) ?? '').split('\n')) {
    const [, sha, ref] = /^([0-9a-f]{40}) (.+)$/.exec(line) ?? []
    if (sha !== undefined && ref !== undefined) found.set(ref, sha)
  }
  addLoose(join(path, 'refs'), 'refs', found)
  return new Map([...found].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
}

function addLoose(directory: string, name: string, found: Map<string, string>): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const [path, ref] = [join(directory, entry.name), `${name}/${entry.name}`]
    // A name that ends like this is of git's own lock.
    if (entry.isDirectory()) addLoose(path, ref, found)
    else if (!ref.endsWith('.lock')) {
      // Deleted since, if it is not there.
      const sha = read(path)?.trim()
      if (sha !== undefined && /^[0-9a-f]{40}$/.test(sha)) found.set(ref, sha)
    }
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
