import { BackspaceError, knownError } from '../../errors.ts'
import { createBranch, getBranch } from '../../github/branches.ts'
import type { Run } from '../../runs/run.ts'
import type { Attempt } from '../attempt.ts'
import { commitOnBase, findOwnCommit } from './commit.ts'
import type { DoOnce } from './do-once.ts'
import type { Publication, Published, PublishTarget } from './publish-plan.ts'

const OTHER_NAMES = ['', '-2', '-3', '-4', '-5']

interface OwnBranch {
  readonly branch: string
  readonly commitSha: string
}

/** Identifies a branch of this run, by the run's own commit on top of the base. */
interface Mark {
  readonly runId: string
  readonly baseSha: string
}

/**
 * Commits on top of the base commit and makes a new branch for it. If the base has moved since, the pull request shows the
 * difference; nothing is force-pushed. A branch of this name that an earlier attempt of the run made is used, and a
 * branch of anyone else is left alone.
 */
export async function publishBranch(
  target: PublishTarget,
  publication: Publication,
  {
    attempt,
    once,
  }: {
    readonly attempt: Pick<Attempt, 'run' | 'number' | 'saveProgress'>
    readonly once: DoOnce
  },
): Promise<Published> {
  const { base, plan } = publication
  const { run, saveProgress } = attempt
  const sha = await commitOnBase(target, publication, { attempt: attempt.number, once })
  await saveProgress({ commitSha: sha, branch: plan.branch })
  const names = OTHER_NAMES.map((suffix) => `${plan.branch}${suffix}`)
  const mark = { runId: run.id, baseSha: base.sha }
  const { branch, commitSha } = await once({
    name: 'branch',
    lookUp: () => findOwn(target, { names, ...mark }),
    act: () => makeOwn(target, { names, sha, ...mark }),
  })
  if (commitSha !== sha || branch !== plan.branch) await saveProgress({ commitSha, branch })
  return { branch, commitSha, head: `${target.repository.owner}:${branch}` }
}

/** The branch that an earlier attempt of this run made; undefined when there is none. */
async function findOwn(
  target: PublishTarget,
  { names, ...mark }: Mark & { readonly names: readonly string[] },
): Promise<OwnBranch | undefined> {
  for (const branch of names) {
    const holder = await holderOf(target, { branch, ...mark })
    if (holder === 'free') return undefined
    if (holder !== 'taken') return { branch, commitSha: holder.commitSha }
  }
  return undefined
}

async function makeOwn(
  target: PublishTarget,
  { names, sha, ...mark }: Mark & { readonly names: readonly string[]; readonly sha: string },
): Promise<OwnBranch> {
  for (const branch of names) {
    try {
      await createBranch(target.octokit, { repository: target.repository, branch, sha })
      return { branch, commitSha: sha }
    } catch (error) {
      const refusal = knownError(error)
      if (refusal?.code !== 'conflict' && refusal?.code !== 'head_moved') throw error
      const holder = await holderOf(target, { branch, ...mark })
      if (holder === 'free') throw await whyNotMade(target, { branch, refusal })
      if (holder !== 'taken') return { branch, commitSha: holder.commitSha }
    }
  }
  throw new BackspaceError(
    'conflict',
    `Branches named ${names[0]} exist already, so nothing was published. Delete them and try again.`,
  )
}

/** Explains why GitHub refused a new branch, which `head_moved` does not. Git allows no branch `a/b` beside a branch `a`. */
async function whyNotMade(
  { octokit, repository }: PublishTarget,
  { branch, refusal }: { readonly branch: string; readonly refusal: BackspaceError },
): Promise<BackspaceError> {
  const folder = branch.includes('/') ? branch.slice(0, branch.indexOf('/')) : undefined
  if (folder !== undefined && (await getBranch(octokit, { repository, branch: folder })) !== undefined) {
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

/** Whether a branch of this name exists. For a branch of this run, its own commit, even below commits of others. */
async function holderOf(
  target: PublishTarget,
  { branch, ...mark }: Mark & { readonly branch: string },
): Promise<'free' | 'taken' | { readonly commitSha: string }> {
  const tip = await getBranch(target.octokit, { repository: target.repository, branch })
  if (tip === undefined) return 'free'
  const own = await findOwnCommit(target, { tip, runId: mark.runId, starts: [mark.baseSha] })
  return own === undefined ? 'taken' : { commitSha: own }
}

const MAX_SLUG = 40

/**
 * The name of a run's branch: `backspace/42-fix-login-1a2b3c4d`, or `backspace/code-fix-login-1a2b3c4d` without a thread.
 * After the prefix it has only letters, digits and single hyphens, whatever the title contains.
 */
export function branchName(
  { id, request }: Pick<Run, 'id' | 'request'>,
  title: string,
  prefix = 'backspace/',
): string {
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
  return `${prefix}${request.thread?.number ?? 'code'}-${slug || 'change'}-${shortId}`
}
