import { ApiError, notFound } from '../api-error.ts'
import {
  type CommitObject,
  commitRange,
  commitsBetween,
  diffFiles,
  diffText,
  type FileDiff,
  mergeBase,
  readCommit,
} from '../git/read-objects.ts'
import { listReferences, readReference, resolveCommit } from '../git/references.ts'
import type { Account, RepositoryRecord } from '../records.ts'
import type { World } from '../world.ts'
import { nodeId, noreplyEmail, renderAccount, repositoryPage, repositoryUrl } from './render-repository.ts'
import { gitRoute, NEEDS, REPOSITORY, type RepositoryCall, type Route, route } from './route.ts'

/** Branches, commits and comparisons. */
export function commitRoutes(world: World): readonly Route[] {
  return [
    route(`GET ${REPOSITORY}/branches`, NEEDS.readContents, async (call) => {
      const { repository } = call
      const all = await listReferences(repository, 'refs/heads/')
      return call.page(all).map(({ ref, sha }) => {
        const name = ref.slice('refs/heads/'.length)
        const url = `${repositoryUrl(world, repository)}/commits/${sha}`
        return { name, commit: { sha, url }, protected: repository.protectedBranches.has(name) }
      })
    }),
    route(`GET ${REPOSITORY}/branches/:branch{.+}`, NEEDS.readContents, async (call) => {
      const { repository } = call
      const name = call.param('branch')
      const reference = await readReference(repository, `refs/heads/${name}`)
      if (!reference) throw new ApiError(404, 'Branch not found')
      return await renderBranch(world, repository, { name, sha: reference.sha })
    }),
    gitRoute(`GET ${REPOSITORY}/commits`, NEEDS.readContents, async (call) => {
      const { repository } = call
      const name = call.query('sha') ?? repository.defaultBranch
      const sha = await resolveCommit(repository, name)
      if (sha === undefined) throw notFound()
      const path = call.query('path')
      const args = ['rev-list', '--topo-order', sha, ...(path === undefined ? [] : ['--', path])]
      const env = { GIT_LITERAL_PATHSPECS: '1' }
      const shas = (await repository.git(args, { env })).text.split('\n').filter((line) => line !== '')
      return await renderCommits(world, repository, call.page(shas))
    }),
    gitRoute(`GET ${REPOSITORY}/commits/:ref{.+}`, NEEDS.readContents, oneCommit),
    gitRoute(`GET ${REPOSITORY}/compare/:basehead{.+}`, NEEDS.readContents, compare),
  ]
}

async function oneCommit(call: RepositoryCall): Promise<object> {
  const { world, repository } = call
  const name = call.param('ref')
  const sha = await resolveCommit(repository, name)
  if (sha === undefined) throw new ApiError(422, `No commit found for SHA: ${name}`)
  if (call.wants('sha')) return call.text(sha)
  if (call.wants('diff')) {
    return call.text(await diffText(repository, await commitRange(repository, sha)))
  }
  return await renderCommitWithFiles(world, repository, sha)
}

async function compare(call: RepositoryCall): Promise<object> {
  const { world, repository } = call
  const names = call.param('basehead').split('...')
  const [from, to] = await Promise.all(
    names.map((name) =>
      resolveCommit(repository, name.includes(':') ? name.slice(name.indexOf(':') + 1) : name),
    ),
  )
  if (names.length !== 2 || from === undefined || to === undefined) throw notFound()
  const parted = await mergeBase(repository, { from, to })
  if (parted === undefined) throw new ApiError(404, `No common ancestor between ${names[0]} and ${names[1]}.`)
  if (call.wants('diff')) return call.text(await diffText(repository, { from: parted, to }))
  const ahead = await commitsBetween(repository, { from, to })
  const behind = await commitsBetween(repository, { from: to, to: from })
  const files = await diffFiles(repository, { from: parted, to })
  const commit = async (sha: string) => renderCommit(world, repository, await readCommit(repository, sha))
  const page = `${repositoryPage(world, repository)}/compare/${names.join('...')}`
  return {
    url: `${repositoryUrl(world, repository)}/compare/${names.join('...')}`,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: await commit(from),
    merge_base_commit: await commit(parted),
    status: statusOf(ahead.length, behind.length),
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: await renderCommits(world, repository, call.page(ahead)),
    files: files.slice(0, 300).map((file) => renderFile(world, repository, { file, ref: to })),
  }
}

function statusOf(ahead: number, behind: number): string {
  if (ahead === 0 && behind === 0) return 'identical'
  if (ahead === 0) return 'behind'
  return behind === 0 ? 'ahead' : 'diverged'
}

async function renderBranch(
  world: World,
  repository: RepositoryRecord,
  { name, sha }: { readonly name: string; readonly sha: string },
) {
  const isProtected = repository.protectedBranches.has(name)
  const url = `${repositoryUrl(world, repository)}/branches/${name}`
  return {
    name,
    commit: renderCommit(world, repository, await readCommit(repository, sha)),
    _links: { self: url, html: `${repositoryPage(world, repository)}/tree/${name}` },
    protected: isProtected,
    protection: {
      enabled: isProtected,
      required_status_checks: {
        enforcement_level: isProtected ? 'non_admins' : 'off',
        contexts: [],
        checks: [],
      },
    },
    protection_url: `${url}/protection`,
  }
}

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
function renderCommit(world: World, repository: RepositoryRecord, commit: CommitObject) {
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
async function renderCommitWithFiles(world: World, repository: RepositoryRecord, sha: string) {
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
