import { BackspaceError, knownError } from '../../errors.ts'
import { createBranch, getBranch } from '../../github/branches.ts'
import type { Run } from '../../runs/run.ts'
import { commitOnBase, findOwnCommit } from './commit.ts'
import type { Place, Published, PublishRequest } from './publish-plan.ts'

const OTHER_NAMES = ['', '-2', '-3', '-4', '-5']

interface Held {
  readonly branch: string
  readonly commitSha: string
}

/** By what a branch is known to be this run's: its own commit on top of the base. */
interface Mark {
  readonly runId: string
  readonly baseSha: string
}

/**
 * Commits on top of the base commit and makes a new branch for it. The base may have moved meanwhile: the pull
 * request then shows the difference, and nothing is ever forced. A branch of this name that an earlier attempt of
 * this run made is used; one that is somebody else's is left alone.
 */
export async function publishBranch(place: Place, request: PublishRequest): Promise<Published> {
  const { run, base, plan, once, saveProgress } = request
  const sha = await commitOnBase(place, request)
  await saveProgress({ commitSha: sha, branch: plan.branch })
  const names = OTHER_NAMES.map((suffix) => `${plan.branch}${suffix}`)
  const mark = { runId: run.id, baseSha: base.sha }
  const { branch, commitSha } = await once({
    name: 'branch',
    lookUp: () => findOwn(place, { names, ...mark }),
    act: () => makeOwn(place, { names, sha, ...mark }),
  })
  if (commitSha !== sha || branch !== plan.branch) await saveProgress({ commitSha, branch })
  return { branch, commitSha, head: `${place.repository.owner}:${branch}` }
}

/** The branch that this run has already; undefined when there is none. */
async function findOwn(
  place: Place,
  { names, ...mark }: Mark & { readonly names: readonly string[] },
): Promise<Held | undefined> {
  for (const branch of names) {
    const holder = await holderOf(place, { branch, ...mark })
    if (holder === 'nobody') return undefined
    if (holder !== 'somebody') return { branch, commitSha: holder.commitSha }
  }
  return undefined
}

async function makeOwn(
  place: Place,
  { names, sha, ...mark }: Mark & { readonly names: readonly string[]; readonly sha: string },
): Promise<Held> {
  for (const branch of names) {
    try {
      await createBranch(place.octokit, { repository: place.repository, branch, sha })
      return { branch, commitSha: sha }
    } catch (error) {
      const refusal = knownError(error)
      if (refusal?.code !== 'conflict' && refusal?.code !== 'head_moved') throw error
      const holder = await holderOf(place, { branch, ...mark })
      if (holder === 'nobody') throw await whyNotMade(place, { branch, refusal })
      if (holder !== 'somebody') return { branch, commitSha: holder.commitSha }
    }
  }
  throw new BackspaceError(
    'conflict',
    `Branches named ${names[0]} exist already, so none was made. Delete them and try again.`,
  )
}

/** For a new branch `head_moved` says nothing, and one cannot be in a folder that has another one's name. */
async function whyNotMade(
  { octokit, repository }: Place,
  { branch, refusal }: { readonly branch: string; readonly refusal: BackspaceError },
): Promise<BackspaceError> {
  const folder = branch.slice(0, branch.indexOf('/'))
  if ((await getBranch(octokit, { repository, branch: folder })) !== undefined) {
    return new BackspaceError(
      'conflict',
      `There is a branch named \`${folder}\`, and git allows no \`${branch}\` beside it, so nothing was published. Rename or delete that branch, and ask again.`,
      { cause: refusal },
    )
  }
  const { facts } = refusal
  const message = `GitHub did not make branch \`${branch}\` and does not say why, so nothing was published. Try again.`
  return new BackspaceError('conflict', message, { cause: refusal, facts })
}

/** Whose a branch is; with this run's commit if it is its own, whatever was pushed on top of that. */
async function holderOf(
  place: Place,
  { branch, ...mark }: Mark & { readonly branch: string },
): Promise<'nobody' | 'somebody' | { readonly commitSha: string }> {
  const tip = await getBranch(place.octokit, { repository: place.repository, branch })
  if (tip === undefined) return 'nobody'
  const own = await findOwnCommit(place, { tip, ...mark })
  return own === undefined ? 'somebody' : { commitSha: own }
}

const MAX_SLUG = 40

/**
 * The branch of a run: `backspace/42-fix-login-1a2b3c4d`, or `backspace/code-fix-login-1a2b3c4d` without a thread.
 * Whatever the title holds, only letters, digits and single hyphens get into it.
 */
export function branchName({ id, request }: Pick<Run, 'id' | 'request'>, title: string): string {
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, '')
  const shortId = id
    .replace(/[^0-9a-z]/gi, '')
    .slice(0, 8)
    .toLowerCase()
  return `backspace/${request.thread?.number ?? 'code'}-${slug || 'change'}-${shortId}`
}
