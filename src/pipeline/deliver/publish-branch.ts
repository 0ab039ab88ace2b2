import { BackspaceError, knownError } from '../../errors.ts'
import { createBranch } from '../../github/create-branch.ts'
import { getBranch } from '../../github/get-branch.ts'
import { getCommit } from '../../github/get-commit.ts'
import { isCommitOf } from './commit-message.ts'
import { commitOnBase } from './commit-on-base.ts'
import type { Place, Published, PublishRequest } from './publish-request.ts'

const OTHER_NAMES = ['', '-2', '-3', '-4', '-5']

interface Held {
  readonly branch: string
  readonly commitSha: string
}

/**
 * Commits on top of the base commit and makes a new branch for it. The base may have moved meanwhile: the pull
 * request then shows the difference, and nothing is ever forced. A branch of this name that an earlier attempt of
 * this run made is used; one that is somebody else's is left alone.
 */
export async function publishBranch(place: Place, request: PublishRequest): Promise<Published> {
  const { run, plan, once, saveProgress } = request
  const sha = await commitOnBase(place, request)
  await saveProgress({ commitSha: sha, branch: plan.branch })
  const names = OTHER_NAMES.map((suffix) => `${plan.branch}${suffix}`)
  const { branch, commitSha } = await once({
    name: 'branch',
    lookUp: () => findOwn(place, { names, runId: run.id }),
    act: () => makeOwn(place, { names, sha, runId: run.id }),
  })
  if (commitSha !== sha || branch !== plan.branch) await saveProgress({ commitSha, branch })
  return { branch, commitSha, head: `${place.repository.owner}:${branch}` }
}

/** The branch that this run has already; undefined when there is none. */
async function findOwn(
  place: Place,
  { names, runId }: { readonly names: readonly string[]; readonly runId: string },
): Promise<Held | undefined> {
  for (const branch of names) {
    const holder = await holderOf(place, { branch, runId })
    if (holder === 'nobody') return undefined
    if (holder !== 'somebody') return { branch, commitSha: holder.commitSha }
  }
  return undefined
}

async function makeOwn(
  place: Place,
  { names, sha, runId }: { readonly names: readonly string[]; readonly sha: string; readonly runId: string },
): Promise<Held> {
  for (const branch of names) {
    try {
      await createBranch(place.octokit, { repository: place.repository, branch, sha })
      return { branch, commitSha: sha }
    } catch (error) {
      if (knownError(error)?.code !== 'conflict') throw error
      const holder = await holderOf(place, { branch, runId })
      if (holder === 'nobody') throw error
      if (holder !== 'somebody') return { branch, commitSha: holder.commitSha }
    }
  }
  throw new BackspaceError(
    'conflict',
    `Branches named ${names[0]} exist already, so none was made. Delete them and try again.`,
  )
}

/** Whose a branch is, by the commit it points at; with that commit if it is this run's. */
async function holderOf(
  { octokit, repository }: Place,
  { branch, runId }: { readonly branch: string; readonly runId: string },
): Promise<'nobody' | 'somebody' | { readonly commitSha: string }> {
  const sha = await getBranch(octokit, { repository, branch })
  if (sha === undefined) return 'nobody'
  const { message } = await getCommit(octokit, { repository, sha })
  return isCommitOf(runId, message) ? { commitSha: sha } : 'somebody'
}
