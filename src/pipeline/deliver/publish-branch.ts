import { BackspaceError, knownError } from '../../errors.ts'
import { commitChanges } from '../../github/commit-changes.ts'
import { createBranch } from '../../github/create-branch.ts'
import { getBranch } from '../../github/get-branch.ts'
import { getCommit } from '../../github/get-commit.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import type { RepoRef } from '../../github/repo-ref.ts'
import { isCommitOf } from './commit-message.ts'
import { filesToCommit } from './files-to-commit.ts'
import type { Published, PublishRequest } from './publish-request.ts'

const OTHER_NAMES = ['', '-2', '-3', '-4', '-5']

/**
 * Commits on top of the base commit and makes a new branch for it. The base may have moved meanwhile: the pull
 * request then shows the difference, and nothing is ever forced. A branch of this name that an earlier attempt of
 * this run made is used; one that is somebody else's is left alone.
 */
export async function publishBranch(
  octokit: GitHubClient,
  { repository, ...request }: PublishRequest & { readonly repository: RepoRef },
): Promise<Published> {
  const { run, base, branch, files, message, saveProgress } = request
  const sha =
    run.progress.commitSha ??
    (await commitChanges(octokit, {
      repository,
      parent: base.sha,
      baseTree: base.tree,
      files: filesToCommit(files),
      message,
    }))
  await saveProgress({ commitSha: sha, branch })
  for (const suffix of OTHER_NAMES) {
    const name = `${branch}${suffix}`
    const held = await claimBranch(octokit, { repository, branch: name, sha, runId: run.id })
    if (held !== undefined) return { branch: name, commitSha: held, head: `${repository.owner}:${name}` }
  }
  throw new BackspaceError(
    'conflict',
    `Branches named ${branch} exist already, so none was made. Delete them and try again.`,
  )
}

/** @returns the commit that the branch holds now; undefined when the name belongs to somebody else. */
async function claimBranch(
  octokit: GitHubClient,
  {
    repository,
    branch,
    sha,
    runId,
  }: { readonly repository: RepoRef; readonly branch: string; readonly sha: string; readonly runId: string },
): Promise<string | undefined> {
  try {
    await createBranch(octokit, { repository, branch, sha })
    return sha
  } catch (error) {
    const code = knownError(error)?.code
    if (code !== 'conflict' && code !== 'github_unavailable') throw error
    const existing = await getBranch(octokit, { repository, branch })
    if (existing === undefined) throw error
    const { message } = await getCommit(octokit, { repository, sha: existing })
    return isCommitOf(runId, message) ? existing : undefined
  }
}
