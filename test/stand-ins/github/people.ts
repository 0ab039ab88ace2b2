import {
  attachLabels,
  createComment,
  createIssue,
  deleteComment,
  detachLabel,
  editComment,
  editText,
  setState,
} from './actions/issues.ts'
import { addReviewComment, branchMoved, createPull, submitReview } from './actions/pulls.ts'
import { commitFiles } from './git/commits.ts'
import { readReferences } from './git/references.ts'
import type { GitHubStandIn } from './github-stand-in.ts'
import { commentHandle, threadHandle } from './observer.ts'
import type { Actor, CommentRecord } from './records.ts'
import { noreplyEmail } from './render/render-account.ts'
import { isPull, type PullIssue } from './render/render-pull.ts'
import { accountOf, issueNumbered, repositoryNamed, type World } from './world.ts'

type People = Pick<
  GitHubStandIn,
  | 'openIssue'
  | 'openPullRequest'
  | 'comment'
  | 'editComment'
  | 'deleteComment'
  | 'editIssue'
  | 'addLabel'
  | 'removeLabel'
  | 'closeThread'
  | 'review'
  | 'reviewComment'
  | 'pushFiles'
  | 'moveBranch'
>

/** What people do on GitHub's own pages. Each answers when the webhooks it caused were answered. */
export function createPeople(world: World): People {
  const person = (login: string): Actor => ({ account: accountOf(world, login), viaApp: false })
  return {
    openIssue: ({ repo, author, title, body = null, labels = [] }) =>
      afterDelivery(world, () => {
        const issue = createIssue(world, repositoryNamed(world, repo), {
          actor: person(author),
          title,
          body,
          labels,
        })
        return threadHandle(world, issue)
      }),
    openPullRequest: ({ repo, author, title, body = null, head, base, draft = false }) =>
      afterDelivery(world, async () => {
        const repository = repositoryNamed(world, repo)
        const target = base ?? repository.defaultBranch
        const request = {
          actor: person(author),
          title,
          body,
          head,
          base: target,
          draft,
          maintainerCanModify: true,
        }
        return threadHandle(world, await createPull(world, repository, request))
      }),
    comment: ({ repo, number, author, body }) =>
      afterDelivery(world, () =>
        commentHandle(
          world,
          createComment(world, issueNumbered(world, repo, number), { actor: person(author), body }),
        ),
      ),
    editComment: ({ id, author, body }) =>
      afterDelivery(world, () => editComment(world, commentById(world, id), { actor: person(author), body })),
    deleteComment: ({ id, author }) =>
      afterDelivery(world, () => deleteComment(world, commentById(world, id), person(author))),
    editIssue: ({ repo, number, author, title, body }) =>
      afterDelivery(world, () =>
        editText(world, issueNumbered(world, repo, number), { actor: person(author), title, body }),
      ),
    addLabel: ({ repo, number, author, label }) =>
      afterDelivery(world, () =>
        attachLabels(world, issueNumbered(world, repo, number), { actor: person(author), names: [label] }),
      ),
    removeLabel: ({ repo, number, author, label }) =>
      afterDelivery(world, () =>
        detachLabel(world, issueNumbered(world, repo, number), { actor: person(author), name: label }),
      ),
    closeThread: ({ repo, number, author }) =>
      afterDelivery(world, () =>
        setState(world, issueNumbered(world, repo, number), { actor: person(author), state: 'closed' }),
      ),
    review: ({ repo, number, author, body, state = 'COMMENTED' }) =>
      afterDelivery(world, () => {
        submitReview(world, pullNumbered(world, repo, number), { actor: person(author), body, state })
      }),
    reviewComment: ({ repo, number, author, body, path, line, startLine }) =>
      afterDelivery(world, async () => {
        const request = { actor: person(author), body, path, line, startLine }
        return commentHandle(world, await addReviewComment(world, pullNumbered(world, repo, number), request))
      }),
    ...createPushers(world, person),
  }
}

function createPushers(
  world: World,
  person: (login: string) => Actor,
): Pick<People, 'pushFiles' | 'moveBranch'> {
  return {
    pushFiles: ({ repo, branch, author, text = 'Change files\n', files, executable = [], from }) =>
      afterDelivery(world, async () => {
        const repository = repositoryNamed(world, repo)
        const actor = person(author ?? repository.owner.login)
        const exists = readReferences(repository.path).has(`refs/heads/${branch}`)
        const start = from ?? (exists ? undefined : repository.defaultBranch)
        const sha = await commitFiles(world.git, repository.path, {
          branch,
          text,
          author: { name: actor.account.name, email: noreplyEmail(actor.account) },
          at: world.now(),
          files,
          executable,
          from: start,
        })
        await branchMoved(world, repository, { actor, branch })
        return sha
      }),
    moveBranch: ({ repo, branch, sha }) =>
      afterDelivery(world, async () => {
        const repository = repositoryNamed(world, repo)
        await world.git(repository.path, ['update-ref', `refs/heads/${branch}`, sha])
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

function pullNumbered(world: World, repo: string, number: number): PullIssue {
  const issue = issueNumbered(world, repo, number)
  if (!isPull(issue)) throw new Error(`${repo}#${number} is an issue, not a pull request`)
  return issue
}
