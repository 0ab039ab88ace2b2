import { type CommitObject, readCommit } from '../git/commits.ts'
import { commitRange, diffFiles, type FileDiff } from '../git/read-objects.ts'
import type { Account, RepositoryRecord } from '../records.ts'
import type { World } from '../world.ts'
import { nodeId, noreplyEmail, renderAccount } from './render-account.ts'
import { repositoryPage, repositoryUrl } from './render-repository.ts'

/** GitHub's `git-commit`, of the Git Data API. */
export function renderGitCommit(world: World, repository: RepositoryRecord, commit: CommitObject) {
  const url = repositoryUrl(world, repository)
  const page = repositoryPage(world, repository)
  return {
    sha: commit.sha,
    node_id: nodeId('C', commit.sha),
    url: `${url}/git/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
    message: trimmed(commit),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${url}/git/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
    verification: renderVerification(commit),
  }
}

/** GitHub's `commit`, of lists, branches and comparisons. */
export function renderCommit(world: World, repository: RepositoryRecord, commit: CommitObject) {
  const url = repositoryUrl(world, repository)
  const page = repositoryPage(world, repository)
  const author = accountByEmail(world, commit.author.email)
  const committer = accountByEmail(world, commit.committer.email)
  return {
    sha: commit.sha,
    node_id: nodeId('C', commit.sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: trimmed(commit),
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      url: `${url}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: renderVerification(commit),
    },
    url: `${url}/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${url}/commits/${commit.sha}/comments`,
    author: author ? renderAccount(world, author) : null,
    committer: committer ? renderAccount(world, committer) : null,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${url}/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
  }
}

/** Several commits, by SHA. */
export async function renderCommits(world: World, repository: RepositoryRecord, shas: readonly string[]) {
  const commits = await Promise.all(shas.map((sha) => readCommit(repository, sha)))
  return commits.map((commit) => renderCommit(world, repository, commit))
}

/** A commit with its files and counts, as `GET /repos/{owner}/{repo}/commits/{ref}` answers. */
export async function renderCommitWithFiles(world: World, repository: RepositoryRecord, sha: string) {
  const commit = await readCommit(repository, sha)
  const files = await diffFiles(repository, await commitRange(repository, sha))
  const additions = files.reduce((sum, file) => sum + file.additions, 0)
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0)
  return {
    ...renderCommit(world, repository, commit),
    stats: { total: additions + deletions, additions, deletions },
    files: files.map((file) => renderFile(world, repository, { file, ref: sha })),
  }
}

/** GitHub's `diff-entry`: one changed file. */
export function renderFile(
  world: World,
  repository: RepositoryRecord,
  { file, ref }: { readonly file: FileDiff; readonly ref: string },
) {
  const page = repositoryPage(world, repository)
  const path = file.path.split('/').map(encodeURIComponent).join('/')
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${ref}/${path}`,
    raw_url: `${page}/raw/${ref}/${path}`,
    contents_url: `${repositoryUrl(world, repository)}/contents/${path}?ref=${ref}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
  }
}

function renderVerification(commit: CommitObject) {
  return {
    verified: commit.verified,
    reason: commit.verified ? 'valid' : commit.signature === undefined ? 'unsigned' : 'unknown_key',
    signature: commit.signature ?? null,
    payload: commit.signature === undefined ? null : commit.payload,
    verified_at: commit.verified ? commit.committer.date : null,
  }
}

function accountByEmail(world: World, email: string): Account | undefined {
  return [...world.accounts.values()].find((account) => noreplyEmail(account) === email)
}

function trimmed(commit: CommitObject): string {
  return commit.text.replace(/\n+$/, '')
}
