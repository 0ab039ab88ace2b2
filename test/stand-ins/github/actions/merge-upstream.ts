import { ApiError } from '../api-error.ts'
import { isoSeconds, writeCommit } from '../git/commit-object.ts'
import { isAncestor, readReference } from '../git/references.ts'
import type { Actor, RepositoryRecord } from '../records.ts'
import { noreplyEmail } from '../render/render-account.ts'
import type { World } from '../world.ts'
import { branchMoved } from './pulls.ts'

interface Merge {
  readonly branch: string
  readonly actor: Actor
}

/**
 * Brings a fork's branch up to its upstream, as `POST /merge-upstream` does.
 *
 * @throws {ApiError} 422 when it is no fork or there is no such branch, 409 on a conflict.
 */
export async function mergeUpstream(world: World, fork: RepositoryRecord, { branch, actor }: Merge) {
  const { git } = world
  const upstream = fork.forkOf
  if (!upstream) throw new ApiError(422, 'Repository is not a fork')
  const ref = `refs/heads/${branch}`
  const theirs = await readReference(git, upstream.path, ref)
  const ours = await readReference(git, fork.path, ref)
  if (!theirs || !ours) throw new ApiError(422, 'There is no such branch in the fork and its upstream')
  await git(fork.path, ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', upstream.path, theirs.sha])
  const base_branch = `${upstream.owner.login}:${branch}`
  if (await isAncestor(git, fork.path, { ancestor: theirs.sha, of: ours.sha })) {
    const message = `This branch is not behind the upstream ${base_branch}.`
    return { message, merge_type: 'none', base_branch }
  }
  const forward = await isAncestor(git, fork.path, { ancestor: ours.sha, of: theirs.sha })
  const sha = forward
    ? theirs.sha
    : await merge(world, fork, { ours: ours.sha, theirs: theirs.sha, branch, actor })
  await git(fork.path, ['update-ref', ref, sha, ours.sha])
  await branchMoved(world, fork, { actor, branch })
  const message = `Successfully fetched and ${forward ? 'fast-forwarded' : 'merged'} from upstream ${base_branch}.`
  return { message, merge_type: forward ? 'fast-forward' : 'merge', base_branch }
}

async function merge(
  world: World,
  fork: RepositoryRecord,
  { ours, theirs, branch, actor }: Merge & { readonly ours: string; readonly theirs: string },
): Promise<string> {
  const merged = await world.git(fork.path, ['merge-tree', '--write-tree', ours, theirs], { accept: [0, 1] })
  if (merged.exitCode !== 0) throw new ApiError(409, 'There are merge conflicts')
  const date = isoSeconds(world.now())
  const author = { name: actor.account.name, email: noreplyEmail(actor.account), date }
  return writeCommit(world.git, fork.path, {
    tree: merged.text.trim(),
    parents: [ours, theirs],
    author,
    committer: author,
    text: `Merge branch '${branch}' of upstream`,
    signed: false,
  })
}
