import type { RequestLog } from './faults.ts'
import { readCommit } from './git/commits.ts'
import { diffText, listTree, mergeBase, readBlob } from './git/read-objects.ts'
import { listReferences, resolveCommit } from './git/references.ts'
import type {
  CommentHandle,
  GitHubStandIn,
  PullHandle,
  RepositoryHandle,
  ThreadHandle,
} from './github-stand-in.ts'
import type { CommentRecord, IssueRecord, RepositoryRecord, ReviewCommentRecord } from './records.ts'
import { issuePage } from './render/render-issue.ts'
import { isPull, type PullIssue } from './render/render-pull.ts'
import { repositoryPage } from './render/render-repository.ts'
import { fullName, issueNumbered, repositoryNamed, type World } from './world.ts'

/** How often a condition is looked at again when no request comes: git changes without one. */
const LOOK_AGAIN_MS = 25

type Observer = Pick<
  GitHubStandIn,
  | 'deliveries'
  | 'settled'
  | 'comments'
  | 'reactions'
  | 'labels'
  | 'thread'
  | 'pullRequests'
  | 'checkRuns'
  | 'branches'
  | 'commit'
  | 'fileAt'
  | 'bytesAt'
  | 'filesAt'
  | 'diff'
  | 'directoryOf'
  | 'tokens'
  | 'requests'
  | 'waitFor'
>

/** What a test can look at afterwards. */
export function createObserver(world: World, log: RequestLog): Observer {
  return {
    deliveries: world.deliveries,
    requests: log.requests,
    tokens: () => [...world.tokens.values()],
    async settled() {
      while (world.background.size > 0) await Promise.all(world.background)
    },
    waitFor: (predicate, timeoutMs = 20_000) => waitFor(log, predicate, timeoutMs),
    ...createThreadViews(world),
    ...createGitViews(world),
  }
}

function createThreadViews(
  world: World,
): Pick<Observer, 'comments' | 'reactions' | 'labels' | 'thread' | 'pullRequests' | 'checkRuns'> {
  return {
    comments: (repo, number) =>
      issueNumbered(world, repo, number).comments.map((comment) => commentHandle(world, comment)),
    reactions(repo, number, commentId) {
      const issue = issueNumbered(world, repo, number)
      const target = commentId === undefined ? issue : issue.comments.find(({ id }) => id === commentId)
      return (target?.reactions ?? []).map(({ account, content }) => ({ login: account.login, content }))
    },
    labels: (repo, number) => issueNumbered(world, repo, number).labels.map(({ name }) => name),
    thread: (repo, number) => threadHandle(world, issueNumbered(world, repo, number)),
    pullRequests: (repo) =>
      [...repositoryNamed(world, repo).issues.values()]
        .filter(isPull)
        .map((issue) => pullHandle(world, issue)),
    checkRuns: (repo) =>
      repositoryNamed(world, repo).checkRuns.map(
        ({ name, status, conclusion, headSha, externalId, detailsUrl }) => ({
          ...{ name, status, conclusion, headSha, externalId, detailsUrl },
        }),
      ),
  }
}

function createGitViews(
  world: World,
): Pick<Observer, 'branches' | 'commit' | 'fileAt' | 'bytesAt' | 'filesAt' | 'diff' | 'directoryOf'> {
  const pathOf = (repo: string) => repositoryNamed(world, repo).path
  async function resolve(repo: string, ref: string): Promise<string> {
    const sha = await resolveCommit(world.git, pathOf(repo), ref)
    if (sha === undefined) throw new Error(`${repo} has no branch or commit ${ref}`)
    return sha
  }
  async function bytesAt(repo: string, ref: string, path: string): Promise<Uint8Array | undefined> {
    const entries = await listTree(world.git, pathOf(repo), { tree: await resolve(repo, ref), under: path })
    const entry = entries.find((candidate) => candidate.path === path && candidate.type === 'blob')
    return entry && readBlob(world.git, pathOf(repo), entry.sha)
  }
  return {
    bytesAt,
    directoryOf: pathOf,
    async fileAt(repo, ref, path) {
      const bytes = await bytesAt(repo, ref, path)
      return bytes && Buffer.from(bytes).toString()
    },
    async filesAt(repo, ref) {
      const entries = await listTree(world.git, pathOf(repo), {
        tree: await resolve(repo, ref),
        recursive: true,
      })
      const files = entries.filter(({ type }) => type !== 'tree')
      return Object.fromEntries(files.map(({ path, mode, sha }) => [path, { mode, sha }]))
    },
    async branches(repo) {
      const all = await listReferences(world.git, pathOf(repo), 'refs/heads/')
      return Object.fromEntries(all.map(({ ref, sha }) => [ref.slice('refs/heads/'.length), sha]))
    },
    commit: (repo, sha) => readCommit(world.git, pathOf(repo), sha),
    async diff(repo, base, head) {
      const [from, to] = [await resolve(repo, base), await resolve(repo, head)]
      const parted = await mergeBase(world.git, pathOf(repo), { from, to })
      return diffText(world.git, pathOf(repo), { from: parted ?? from, to })
    },
  }
}

async function waitFor<T>(
  log: RequestLog,
  predicate: () => T | false | undefined | Promise<T | false | undefined>,
  timeoutMs: number,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const answer = await predicate()
    if (answer !== false && answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`gave up after ${timeoutMs} ms; ${lastRequests(log)}`)
    await nextLook(log)
  }
}

async function nextLook(log: RequestLog): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const pause = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LOOK_AGAIN_MS)
  })
  await Promise.race([log.changed(), pause])
  clearTimeout(timer)
}

function lastRequests(log: RequestLog): string {
  const lines = log.requests.slice(-8).map(({ method, path, status }) => `${method} ${path} → ${status}`)
  return lines.length === 0 ? 'no request was made' : `the last requests were\n  ${lines.join('\n  ')}`
}

/** Plain snapshots, so that no test changes the stand-in's own records by accident. */
export function repositoryHandle(world: World, repository: RepositoryRecord): RepositoryHandle {
  const page = repositoryPage(world, repository)
  return {
    id: repository.id,
    owner: repository.owner.login,
    name: repository.name,
    fullName: fullName(repository),
    defaultBranch: repository.defaultBranch,
    htmlUrl: page,
    cloneUrl: `${page}.git`,
    directory: repository.path,
  }
}

export function threadHandle(world: World, issue: IssueRecord): ThreadHandle {
  return {
    id: issue.id,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    htmlUrl: issuePage(world, issue),
    author: issue.author.account.login,
    labels: issue.labels.map(({ name }) => name),
  }
}

function pullHandle(world: World, issue: PullIssue): PullHandle {
  const { head, base, draft, mergedAt } = issue.pull
  const own = head.repository === issue.repository
  return {
    ...threadHandle(world, issue),
    draft,
    merged: mergedAt !== undefined,
    head: own ? head.branch : `${head.repository.owner.login}:${head.branch}`,
    headSha: head.sha,
    base: base.branch,
  }
}

export function commentHandle(world: World, comment: CommentRecord | ReviewCommentRecord): CommentHandle {
  const anchor = 'path' in comment ? `discussion_r${comment.id}` : `issuecomment-${comment.id}`
  return {
    id: comment.id,
    author: comment.author.account.login,
    body: comment.body,
    htmlUrl: `${issuePage(world, comment.issue)}#${anchor}`,
    createdAt: comment.createdAt,
    updatedAt: comment.updatedAt,
  }
}
