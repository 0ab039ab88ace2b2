import { commitFiles } from './git/bare-repository.ts'
import { readReferences } from './git/references.ts'
import { commentHandle, threadHandle } from './observer.ts'
import type { Actor, CommentRecord, IssueRecord, ReviewRecord } from './records.ts'
import {
  attachLabels,
  createComment,
  createIssue,
  deleteComment,
  detachLabel,
  editComment,
  editText,
  setState,
} from './rest/issue-changes.ts'
import { branchMoved, createPull } from './rest/pulls.ts'
import { isPull, type PullIssue } from './rest/render-issue.ts'
import { noreplyEmail } from './rest/render-repository.ts'
import { addReviewComment, submitReview } from './rest/reviews.ts'
import { transferIssue } from './rest/transfer-issue.ts'
import { accountOf, fullName, issueNumbered, repositoryNamed, type World } from './world.ts'

interface NewThread {
  /** `owner/name` */
  readonly repo: string
  readonly author: string
  readonly title: string
  readonly body?: string | null
}

/** Something that a person does to an issue or a pull request. */
interface OnThread {
  /** `owner/name` */
  readonly repo: string
  readonly number: number
  readonly author: string
}

interface OnComment {
  readonly id: number
  readonly author: string
}

interface OnLine extends OnThread {
  readonly body: string
  readonly path: string
  readonly line: number
  readonly startLine?: number
}

/** What people do on GitHub's own pages. Each answers when the webhooks it caused were answered. */
export function createPeople(world: World) {
  const person = (login: string): Actor => ({ account: accountOf(world, login), viaApp: false })
  /** On the thread that the person names. */
  const onThread = <T>(
    { repo, number, author }: OnThread,
    act: (issue: IssueRecord, actor: Actor) => T | Promise<T>,
  ) => afterDelivery(world, () => act(issueNumbered(world, repo, number), person(author)))
  return {
    openIssue: ({
      repo,
      author,
      title,
      body = null,
      labels = [],
    }: NewThread & { readonly labels?: readonly string[] }) =>
      afterDelivery(world, () => {
        const issue = { actor: person(author), title, body, labels }
        return threadHandle(world, createIssue(world, repositoryNamed(world, repo), issue))
      }),
    openPullRequest: ({
      repo,
      author,
      title,
      body = null,
      head,
      base,
      draft = false,
    }: NewThread & { readonly head: string; readonly base?: string; readonly draft?: boolean }) =>
      afterDelivery(world, async () => {
        const repository = repositoryNamed(world, repo)
        const target = base ?? repository.defaultBranch
        const change = { head, base: target, draft, maintainerCanModify: true }
        const request = { actor: person(author), title, body, ...change }
        return threadHandle(world, await createPull(world, repository, request))
      }),
    comment: ({ body, ...place }: OnThread & { readonly body: string }) =>
      onThread(place, (issue, actor) => commentHandle(world, createComment(world, issue, { actor, body }))),
    editComment: ({ id, author, body }: OnComment & { readonly body: string }) =>
      afterDelivery(world, () => editComment(world, commentById(world, id), { actor: person(author), body })),
    deleteComment: ({ id, author }: OnComment) =>
      afterDelivery(world, () => deleteComment(world, commentById(world, id), person(author))),
    /** To another repository, `owner/name`, where the issue has another number. */
    transferIssue: ({ to, ...place }: OnThread & { readonly to: string }) =>
      onThread(place, (issue, actor) => {
        const { number } = transferIssue(world, issue, { actor, to: repositoryNamed(world, to) })
        return { number }
      }),
    editIssue: ({ title, body, ...place }: OnThread & { readonly title?: string; readonly body?: string }) =>
      onThread(place, (issue, actor) => editText(world, issue, { actor, title, body })),
    addLabel: ({ label, ...place }: OnThread & { readonly label: string }) =>
      onThread(place, (issue, actor) => attachLabels(world, issue, { actor, names: [label] })),
    removeLabel: ({ label, ...place }: OnThread & { readonly label: string }) =>
      onThread(place, (issue, actor) => detachLabel(world, issue, { actor, name: label })),
    closeThread: (place: OnThread) =>
      onThread(place, (issue, actor) => setState(world, issue, { actor, state: 'closed' })),
    review: ({
      body,
      state = 'COMMENTED',
      ...place
    }: OnThread & { readonly body: string; readonly state?: ReviewRecord['state'] }) =>
      onThread(place, (issue, actor) => {
        submitReview(world, asPull(issue), { actor, body, state })
      }),
    reviewComment: ({ body, path, line, startLine, ...place }: OnLine) =>
      onThread(place, async (issue, actor) => {
        const request = { actor, body, path, line, startLine }
        return commentHandle(world, await addReviewComment(world, asPull(issue), request))
      }),
    ...createPushers(world, person),
  }
}

interface PushedFiles {
  readonly repo: string
  readonly branch: string
  readonly author?: string
  readonly text?: string
  /** `null` deletes. */
  readonly files: Readonly<Record<string, string | Uint8Array | null>>
  readonly executable?: readonly string[]
  readonly from?: string
}

function createPushers(world: World, person: (login: string) => Actor) {
  return {
    /** Commits files on a branch (made from `from` or the default branch when missing), as `git push` would. */
    pushFiles: ({
      repo,
      branch,
      author,
      text = 'Change files\n',
      files,
      executable = [],
      from,
    }: PushedFiles) =>
      afterDelivery(world, async () => {
        const repository = repositoryNamed(world, repo)
        const actor = person(author ?? repository.owner.login)
        const exists = readReferences(repository).has(`refs/heads/${branch}`)
        const sha = await commitFiles(repository, {
          branch,
          text,
          author: { name: actor.account.name, email: noreplyEmail(actor.account) },
          at: world.now(),
          files,
          executable,
          from: from ?? (exists ? undefined : repository.defaultBranch),
        })
        await branchMoved(world, repository, { actor, branch })
        return sha
      }),
    /** Moves a branch to any commit, forcing it. */
    moveBranch: ({
      repo,
      branch,
      sha,
    }: {
      readonly repo: string
      readonly branch: string
      readonly sha: string
    }) =>
      afterDelivery(world, async () => {
        const repository = repositoryNamed(world, repo)
        await repository.git(['update-ref', `refs/heads/${branch}`, sha])
        await branchMoved(world, repository, { actor: person(repository.owner.login), branch })
      }),
  }
}

/** Waits for the deliveries that an action starts, and for no others. */
async function afterDelivery<T>(world: World, act: () => T | Promise<T>): Promise<T> {
  const before = new Set(world.background)
  const result = await act()
  await Promise.all([...world.background].filter((work) => !before.has(work)))
  return result
}

function commentById(world: World, id: number): CommentRecord {
  const issues = [...world.repositories.values()].flatMap((repository) => [...repository.issues.values()])
  const comment = issues.flatMap(({ comments }) => comments).find((candidate) => candidate.id === id)
  if (!comment) throw new Error(`the GitHub stand-in has no comment ${id}`)
  return comment
}

function asPull(issue: IssueRecord): PullIssue {
  if (!isPull(issue)) throw new Error(`${fullName(issue.repository)}#${issue.number} is no pull request`)
  return issue
}
