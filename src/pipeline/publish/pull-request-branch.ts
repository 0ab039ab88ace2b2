import { BackspaceError, knownError } from '../../errors.ts'
import { getBranch, moveBranch } from '../../github/branches.ts'
import { commitChanges, getCommit, getTree } from '../../github/commits.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import type { RepoRef } from '../../github/repo-ref.ts'
import type { Attempt } from '../attempt.ts'
import { type ChangedFile, touchedPaths } from '../collect/change-list.ts'
import type { Base } from '../workspace/workspace.ts'
import { commitOnBase, filesToCommit, findOwnCommit } from './commit.ts'
import type { DoOnce } from './do-once.ts'
import type { Publication, Published, PublishTarget } from './publish-plan.ts'

/** How often the change is put on top of the branch, since others may push at the same time. */
const ATTEMPTS = 3

interface PublishParts {
  readonly attempt: Pick<Attempt, 'run' | 'number' | 'saveProgress'>
  readonly once: DoOnce
}

/**
 * Commits to the branch of the pull request that the run works on. If the branch got other commits in the meantime, the
 * change goes on top of them, provided that they do not touch its paths.
 *
 * @throws {BackspaceError} `head_moved` when they do; the diff stays in the run.
 */
export async function publishToHead(
  target: PublishTarget,
  publication: Publication,
  { attempt, once }: PublishParts,
): Promise<Published> {
  const { base } = publication
  const { run, saveProgress } = attempt
  const published = await once({
    name: 'head',
    lookUp: () => findOnHead(target, { runId: run.id, base }),
    act: () => pushOnTop(target, publication, { attempt, once }),
  })
  await saveProgress({ commitSha: published.commitSha, branch: published.branch })
  return published
}

/** This run's commit on the branch of its pull request, even below newer commits of others; undefined if there is none. */
export async function findOnHead(
  target: PublishTarget,
  { runId, base }: { readonly runId: string; readonly base: Pick<Base, 'branch' | 'sha' | 'merge'> },
): Promise<Published | undefined> {
  const { repository } = target
  const { branch } = base
  const tip = await getBranch(target.octokit, { repository, branch })
  const own = tip && (await findOwnCommit(target, { tip, runId, starts: [base.sha, headOf(base)] }))
  return own ? { branch, commitSha: own, head: `${repository.owner}:${branch}` } : undefined
}

async function pushOnTop(
  target: PublishTarget,
  publication: Publication,
  { attempt, once }: PublishParts,
): Promise<Published> {
  const { octokit, repository } = target
  const { base } = publication
  const { branch } = base
  for (let failures = 1; ; failures++) {
    const tip = await getBranch(octokit, { repository, branch })
    if (tip === undefined) throw headMoved(`Branch \`${branch}\` was deleted while the run worked`)
    const found = tip === headOf(base) ? undefined : await findOnHead(target, { runId: attempt.run.id, base })
    if (found) return found
    const commitSha = await commitOn(target, publication, { tip, attempt: attempt.number, once })
    try {
      await moveBranch(octokit, { repository, branch, sha: commitSha })
      return { branch, commitSha, head: `${repository.owner}:${branch}` }
    } catch (error) {
      const code = knownError(error)?.code
      if ((code !== 'head_moved' && code !== 'conflict') || failures === ATTEMPTS) throw error
    }
  }
}

/** Makes the commit to which the branch will move, on top of its current tip. */
async function commitOn(
  target: PublishTarget,
  publication: Publication,
  { tip, attempt, once }: { readonly tip: string; readonly attempt: number; readonly once: DoOnce },
): Promise<string> {
  const { base, change, plan } = publication
  if (tip === headOf(base)) return commitOnBase(target, publication, { attempt, once })
  if (change.kind === 'commit' || base.merge)
    throw headMoved('The branch got new commits while the run worked')
  const { octokit, repository } = target
  const { files } = change
  const { tree } = await getCommit(octokit, { repository, sha: tip })
  await requireUntouched(octokit, { repository, files, from: base.tree, to: tree })
  return commitChanges(octokit, {
    repository,
    parents: [tip],
    baseTree: tree,
    files: filesToCommit(files),
    message: plan.message,
  })
}

/** The tip of the pull request's branch when the run began. */
function headOf({ sha, merge }: Pick<Base, 'sha' | 'merge'>): string {
  return merge?.headSha ?? sha
}

async function requireUntouched(
  octokit: GitHubClient,
  {
    repository,
    files,
    from,
    to,
  }: {
    readonly repository: RepoRef
    readonly files: readonly ChangedFile[]
    readonly from: string
    readonly to: string
  },
): Promise<void> {
  const [before, now] = await Promise.all([
    getTree(octokit, { repository, tree: from }),
    getTree(octokit, { repository, tree: to }),
  ])
  if (before.truncated || now.truncated) throw headMoved('The branch got new commits while the run worked')
  const stateBefore = new Map(before.entries.map(({ path, sha, mode }) => [path, `${mode} ${sha}`]))
  const stateNow = new Map(now.entries.map(({ path, sha, mode }) => [path, `${mode} ${sha}`]))
  const folders = foldersOf(stateNow.keys())
  const touched = files.flatMap(touchedPaths)
  const changed = touched.filter(
    (path) =>
      stateBefore.get(path) !== stateNow.get(path) || folders.has(path) || hasFileAbove(path, stateNow),
  )
  if (changed.length > 0) {
    const list = changed.slice(0, 5).map((path) => `\`${path}\``)
    throw headMoved(
      `The branch got new commits while the run worked, and they also change ${list.join(', ')}`,
    )
  }
}

function foldersOf(paths: Iterable<string>): Set<string> {
  const folders = new Set<string>()
  for (const path of paths) {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at))
  }
  return folders
}

/** True when a folder of this path is now a file. */
function hasFileAbove(path: string, state: ReadonlyMap<string, string>): boolean {
  return [...foldersOf([path])].some((folder) => state.has(folder))
}

function headMoved(what: string): BackspaceError {
  return new BackspaceError(
    'head_moved',
    `${what}, so nothing was pushed. The diff is kept in the run; ask again to work on the new state.`,
  )
}
