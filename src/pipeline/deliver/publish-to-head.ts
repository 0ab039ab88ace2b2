import { BackspaceError, knownError } from '../../errors.ts'
import { commitChanges } from '../../github/commit-changes.ts'
import { getBranch } from '../../github/get-branch.ts'
import { getCommit } from '../../github/get-commit.ts'
import { getTree } from '../../github/get-tree.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import { moveBranch } from '../../github/move-branch.ts'
import type { RepoRef } from '../../github/repo-ref.ts'
import { type ChangedFile, touchedPaths } from '../changes/change-list.ts'
import { isCommitOf } from './commit-message.ts'
import { filesToCommit } from './files-to-commit.ts'
import type { Published, PublishRequest } from './publish-request.ts'

/** People may push while we do; each time the change is put on top anew. */
const ATTEMPTS = 3

/**
 * Commits to the branch of the pull request that the run stands in. When the branch got other commits meanwhile,
 * the change goes on top of them if they left its paths alone.
 *
 * @throws {BackspaceError} `head_moved` when they did not; the diff stays in the run.
 */
export async function publishToHead(
  octokit: GitHubClient,
  { repository, ...request }: PublishRequest & { readonly repository: RepoRef },
): Promise<Published> {
  const { run, base, files, message, saveProgress } = request
  const { branch } = base
  for (let attempt = 1; ; attempt++) {
    const head = await getBranch(octokit, { repository, branch })
    if (head === undefined) throw headMoved(`Branch \`${branch}\` was deleted meanwhile`)
    const tip = await getCommit(octokit, { repository, sha: head })
    if (isCommitOf(run.id, tip.message))
      return { branch, commitSha: head, head: `${repository.owner}:${branch}` }
    if (head !== base.sha)
      await requireUntouched(octokit, { repository, files, from: base.tree, to: tip.tree })
    const commitSha = await commitChanges(octokit, {
      repository,
      parent: head,
      baseTree: tip.tree,
      files: filesToCommit(files),
      message,
    })
    await saveProgress({ commitSha, branch })
    try {
      await moveBranch(octokit, { repository, branch, sha: commitSha })
      return { branch, commitSha, head: `${repository.owner}:${branch}` }
    } catch (error) {
      const code = knownError(error)?.code
      const again = code === 'head_moved' || code === 'conflict' || code === 'github_unavailable'
      if (!again || attempt === ATTEMPTS) throw error
    }
  }
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
  if (before.truncated || now.truncated) throw headMoved('The branch got new commits meanwhile')
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
    throw headMoved(`The branch got new commits meanwhile that also change ${list.join(', ')}`)
  }
}

function foldersOf(paths: Iterable<string>): Set<string> {
  const folders = new Set<string>()
  for (const path of paths) {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at))
  }
  return folders
}

/** True when a folder of this path is a file by now. */
function hasFileAbove(path: string, state: ReadonlyMap<string, string>): boolean {
  return [...foldersOf([path])].some((folder) => state.has(folder))
}

function headMoved(what: string): BackspaceError {
  return new BackspaceError(
    'head_moved',
    `${what}, so nothing was pushed. The diff is kept in the run; ask again to work on the new state.`,
  )
}
