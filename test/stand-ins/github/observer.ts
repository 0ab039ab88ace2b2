import { readFile } from 'node:fs/promises'
import type { RequestLog } from './faults.ts'
import { objectPath } from './git/lfs.ts'
import { diffText, listTree, mergeBase, readBlob, readCommit } from './git/read-objects.ts'
import { listReferences, resolveCommit } from './git/references.ts'
import type {
  CommentRecord,
  DeliveryRecord,
  IssueRecord,
  RepositoryRecord,
  ReviewCommentRecord,
} from './records.ts'
import { isPull, issuePage, type PullIssue } from './rest/render-issue.ts'
import { repositoryPage } from './rest/render-repository.ts'
import { fullName, issueNumbered, repositoryNamed, type World } from './world.ts'

/** How often a condition is looked at again when no request comes: git changes without one. */
const LOOK_AGAIN_MS = 25

/** What a test can look at afterwards. */
export function createObserver(world: World, log: RequestLog) {
  const deliveries: readonly DeliveryRecord[] = world.deliveries
  return {
    deliveries,
    requests: log.requests,
    /** Every token ever minted, with scope, life and uses in order. */
    tokens: () => [...world.tokens.values()],
    /** Resolves when no webhook is under way. */
    async settled(): Promise<void> {
      while (world.background.size > 0) await Promise.all(world.background)
    },
    /** Resolves with what the predicate answers, as soon as that is neither false nor undefined; asked after every request. */
    waitFor: <T>(predicate: Predicate<T>, timeoutMs = 120_000) => waitFor(log, predicate, timeoutMs),
    ...createThreadViews(world),
    ...createGitViews(world),
  }
}

function createThreadViews(world: World) {
  return {
    comments: (repo: string, number: number) =>
      issueNumbered(world, repo, number).comments.map((comment) => commentHandle(world, comment)),
    /** Reactions on the issue or pull request, or on one of its comments. */
    reactions(repo: string, number: number, commentId?: number) {
      const issue = issueNumbered(world, repo, number)
      const target = commentId === undefined ? issue : issue.comments.find(({ id }) => id === commentId)
      return (target?.reactions ?? []).map(({ account, content }) => ({ login: account.login, content }))
    },
    labels: (repo: string, number: number) =>
      issueNumbered(world, repo, number).labels.map(({ name }) => name),
    thread: (repo: string, number: number) => threadHandle(world, issueNumbered(world, repo, number)),
    pullRequests: (repo: string) =>
      [...repositoryNamed(world, repo).issues.values()]
        .filter(isPull)
        .map((issue) => pullHandle(world, issue)),
    checkRuns: (repo: string) =>
      repositoryNamed(world, repo).checkRuns.map(
        ({ name, status, conclusion, headSha, externalId, detailsUrl }) => ({
          name,
          status,
          conclusion,
          headSha,
          externalId,
          detailsUrl,
        }),
      ),
  }
}

/** `ref` is a branch or a commit. */
function createGitViews(world: World) {
  async function placeOf(repo: string, ref: string) {
    const repository = repositoryNamed(world, repo)
    const sha = await resolveCommit(repository, ref)
    if (sha === undefined) throw new Error(`${repo} has no branch or commit ${ref}`)
    return { repository, sha }
  }
  /** A file's content; undefined when there is none. */
  async function bytesAt(repo: string, ref: string, path: string): Promise<Uint8Array | undefined> {
    const { repository, sha } = await placeOf(repo, ref)
    const entries = await listTree(repository, { tree: sha, under: path })
    const entry = entries.find((candidate) => candidate.path === path && candidate.type === 'blob')
    return entry && readBlob(repository, entry.sha)
  }
  return {
    bytesAt,
    /** Directory of the bare repository. */
    directoryOf: (repo: string) => repositoryNamed(world, repo).path,
    /** What Git LFS keeps for the repository under an id; undefined if there is nothing. */
    largeObject: (repo: string, oid: string) =>
      readFile(objectPath(world, repositoryNamed(world, repo), oid), 'utf8').catch(() => undefined),
    /** A file's text; undefined when there is none. */
    async fileAt(repo: string, ref: string, path: string) {
      const bytes = await bytesAt(repo, ref, path)
      return bytes && Buffer.from(bytes).toString()
    },
    /** Path to mode and SHA of every file. */
    async filesAt(repo: string, ref: string) {
      const { repository, sha: tree } = await placeOf(repo, ref)
      const files = (await listTree(repository, { tree, recursive: true })).filter(
        ({ type }) => type !== 'tree',
      )
      return Object.fromEntries(files.map(({ path, mode, sha }) => [path, { mode, sha }]))
    },
    /** Branch name to SHA. */
    async branches(repo: string): Promise<Readonly<Record<string, string>>> {
      const all = await listReferences(repositoryNamed(world, repo), 'refs/heads/')
      return Object.fromEntries(all.map(({ ref, sha }) => [ref.slice('refs/heads/'.length), sha]))
    },
    commit: (repo: string, sha: string) => readCommit(repositoryNamed(world, repo), sha),
    /** What `head` changed since it left `base`, as text. */
    async diff(repo: string, base: string, head: string) {
      const { repository, sha: from } = await placeOf(repo, base)
      const { sha: to } = await placeOf(repo, head)
      const parted = await mergeBase(repository, { from, to })
      return diffText(repository, { from: parted ?? from, to })
    },
  }
}

type Predicate<T> = () => T | false | undefined | Promise<T | false | undefined>

async function waitFor<T>(log: RequestLog, predicate: Predicate<T>, timeoutMs: number): Promise<T> {
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

export type RepositoryHandle = ReturnType<typeof repositoryHandle>

export type PullHandle = ReturnType<typeof pullHandle>

export type CommentHandle = ReturnType<typeof commentHandle>

/** Plain snapshots, so that no test changes the stand-in's own records by accident. */
export function repositoryHandle(world: World, repository: RepositoryRecord) {
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

export function threadHandle(world: World, issue: IssueRecord) {
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

function pullHandle(world: World, issue: PullIssue) {
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

export function commentHandle(world: World, comment: CommentRecord | ReviewCommentRecord) {
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
