import type { ThreadContext } from '../../agent/agent.ts'
import { type GitHubComment, listReviewComments, listThreadComments } from '../../github/comments.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { listChangedFiles } from '../../github/pull-requests.ts'
import { mayWrite, permissionOf } from '../../github/repositories.ts'
import type { Run } from '../../runs/run.ts'
import { counted } from '../../text/amounts.ts'
import { addHidden, type HiddenText, readVisible } from '../../text/markdown/visible-text.ts'
import type { Base } from '../workspace/workspace.ts'

/** The comments of a thread, without its first text. */
export type Discussion = Pick<ThreadContext, 'comments' | 'leftOut' | 'changes'> & {
  /** Text in the comments that readers cannot see. */
  readonly hidden?: HiddenText | undefined
}

/** Characters of all comments together; the newest are kept. */
const MAX_COMMENTS = 24 * 1024
/** For how many people GitHub is asked about permissions; all others count as people without write access. */
const MAX_PEOPLE = 20

/**
 * Reads the comments by people with write access that were written before the request and not edited since. For a pull
 * request, also comments on its lines, and its changes. Text of other people is left out.
 */
export async function readThread(
  access: RepositoryAccess,
  { run, base }: { readonly run: Run; readonly base: Base },
): Promise<Discussion> {
  const { thread } = run.request
  if (!thread) return {}
  const query = { repository: access.repository, number: thread.number }
  const onPull = thread.kind === 'pull_request'
  const [{ comments, total }, onLines, files] = await Promise.all([
    listThreadComments(access.octokit, query),
    onPull ? listReviewComments(access.octokit, query) : [],
    onPull ? listChangedFiles(access.octokit, query) : [],
  ])
  const chosen = await chooseComments(access, run, [...comments, ...onLines])
  const { pullRequest } = base
  return {
    ...chosen,
    leftOut: [...olderThanListed(total - comments.length), ...chosen.leftOut],
    changes: pullRequest && { base: pullRequest.base.ref, head: pullRequest.head.ref, files },
  }
}

async function chooseComments(
  access: RepositoryAccess,
  run: Run,
  all: readonly GitHubComment[],
): Promise<Discussion & { readonly leftOut: readonly string[] }> {
  const { comment: trigger } = run.request
  const isTrigger = ({ kind, id }: GitHubComment) => kind === trigger?.kind && id === trigger.id
  // GitHub's clock is used where possible, since ours may be wrong and a delivery may be late.
  const askedAt = all.find(isTrigger)?.createdAt ?? run.createdAt
  const others = all.filter((comment) => isEarlier(comment, { askedAt, trigger }) && !isOurs(access, comment))
  const writes = createWriteCheck(access)
  const kept: GitHubComment[] = []
  const counts = { edited: 0, outsiders: 0, tooMuch: 0 }
  let left = MAX_COMMENTS
  for (const comment of newestFirst(others)) {
    if (comment.body.trim() === '') continue
    if (isEditedLater(comment, askedAt)) counts.edited++
    else if (left < comment.body.length) {
      counts.tooMuch++
      left = 0
    } else if (!(await writes(comment.author))) counts.outsiders++
    else {
      left -= comment.body.length
      kept.push(comment)
    }
  }
  const visible = kept.reverse().map((comment) => ({ comment, ...readVisible(comment.body) }))
  const hidden = addHidden(...visible.map((one) => one.hidden))
  return { comments: visible.map(toContext), leftOut: explain(counts), hidden }
}

/**
 * Whether a comment came before the request. GitHub's times are whole seconds, so within the same second the ids of
 * comments decide. A comment whose order is unknown counts as later.
 */
function isEarlier(
  { kind, id, createdAt }: GitHubComment,
  { askedAt, trigger }: { readonly askedAt: Date; readonly trigger: Run['request']['comment'] },
): boolean {
  const [at, asked] = [createdAt.getTime(), askedAt.getTime()]
  if (at === asked) return kind === trigger?.kind && id < trigger.id
  return at > 0 && at < asked
}

function isEditedLater({ createdAt, updatedAt }: GitHubComment, askedAt: Date): boolean {
  return !(updatedAt.getTime() === createdAt.getTime() || updatedAt < askedAt)
}

/** Whether Backspace wrote a comment: every comment of the App. The owner of a personal token may also write as a person. */
function isOurs({ credential, botLogin }: RepositoryAccess, { author, body }: GitHubComment): boolean {
  return author === botLogin && (credential === 'app' || /<!-- backspace-(?:run|reply):/.test(body))
}

/** Asks GitHub about each person once. */
function createWriteCheck({ octokit, repository }: RepositoryAccess): (login?: string) => Promise<boolean> {
  const known = new Map<string, boolean>()
  return async (login) => {
    if (login === undefined) return false
    const before = known.get(login)
    if (before !== undefined || known.size === MAX_PEOPLE) return before ?? false
    const may = mayWrite(await permissionOf(octokit, repository, login))
    known.set(login, may)
    return may
  }
}

function newestFirst(comments: readonly GitHubComment[]): GitHubComment[] {
  return comments.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || b.id - a.id)
}

function toContext({ comment, text }: { readonly comment: GitHubComment; readonly text: string }) {
  const { author = '', createdAt, place } = comment
  return { author, text, at: createdAt.toISOString(), place }
}

function explain({
  edited,
  outsiders,
  tooMuch,
}: Record<'edited' | 'outsiders' | 'tooMuch', number>): string[] {
  return [
    ...leftOut(outsiders, 'by people without write access'),
    ...leftOut(edited, 'edited after the request'),
    ...leftOut(tooMuch, 'older, for their length'),
  ]
}

function olderThanListed(count: number): string[] {
  return leftOut(Math.max(0, count), 'older, for their number')
}

function leftOut(count: number, why: string): string[] {
  return count === 0 ? [] : [`${counted(count, 'comment')} ${why}`]
}
