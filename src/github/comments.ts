import { type GitHubClient, OPTIONAL_REQUEST } from './github-client.ts'
import { askGitHub, githubStatus } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

export interface IssueComment {
  readonly id: number
  readonly url: string
  readonly body: string
}

/** Comments on an issue or a pull request; `number` is its number. */
export async function createComment(
  octokit: GitHubClient,
  { repository, number, body }: { repository: RepoRef; number: number; body: string },
): Promise<IssueComment> {
  const { data } = await askGitHub(
    `comment on ${repository.owner}/${repository.name}#${number}`,
    octokit.rest.issues.createComment({
      owner: repository.owner,
      repo: repository.name,
      issue_number: number,
      body,
    }),
  )
  return { id: data.id, url: data.html_url, body: data.body ?? '' }
}

interface UpdateCommentRequest {
  readonly repository: RepoRef
  readonly commentId: number
  readonly body: string
  /** The edit may as well stay away when GitHub's limits are near; it fails at once then. */
  readonly optional?: boolean
}

/** @throws {BackspaceError} `not_found` when somebody deleted it. */
export async function updateComment(
  octokit: GitHubClient,
  { repository, commentId, body, optional = false }: UpdateCommentRequest,
): Promise<IssueComment> {
  const { data } = await askGitHub(
    `edit a comment in ${repository.owner}/${repository.name}`,
    octokit.rest.issues.updateComment({
      owner: repository.owner,
      repo: repository.name,
      comment_id: commentId,
      body,
      ...(optional ? OPTIONAL_REQUEST : {}),
    }),
  )
  return { id: data.id, url: data.html_url, body: data.body ?? '' }
}

/** Deletes a comment; nothing happens when it is gone already. */
export async function deleteComment(
  octokit: GitHubClient,
  { repository, commentId }: { repository: RepoRef; commentId: number },
): Promise<void> {
  const request = octokit.rest.issues.deleteComment({
    owner: repository.owner,
    repo: repository.name,
    comment_id: commentId,
  })
  await askGitHub(`delete a comment in ${repository.owner}/${repository.name}`, request).catch(
    (error: unknown) => {
      if (githubStatus(error) !== 404) throw error
    },
  )
}

export interface CommentQuery {
  readonly repository: RepoRef
  /** Number of the issue or pull request. */
  readonly number: number
  /** Text that only the wanted comments hold. */
  readonly marker: string
  /** Only comments by this login count: anybody can copy a marker. */
  readonly author: string
}

/** Our own comments with a marker, oldest first. */
export async function findComments(
  octokit: GitHubClient,
  { repository, number, marker, author }: CommentQuery,
): Promise<readonly IssueComment[]> {
  const comments = await askGitHub(
    `read the comments of ${repository.owner}/${repository.name}#${number}`,
    octokit.paginate(octokit.rest.issues.listComments, {
      owner: repository.owner,
      repo: repository.name,
      issue_number: number,
      per_page: 100,
    }),
  )
  return comments
    .filter(({ body, user }) => user?.login === author && body?.includes(marker))
    .map(({ id, html_url, body }) => ({ id, url: html_url, body: body ?? '' }))
}

/** Finds our own comment again; undefined when there is none. */
export async function findComment(
  octokit: GitHubClient,
  query: CommentQuery,
): Promise<IssueComment | undefined> {
  return (await findComments(octokit, query))[0]
}

/** Puts labels on an issue or pull request; GitHub makes those that the repository does not have. */
export async function addLabels(
  octokit: GitHubClient,
  { repository, number, labels }: { repository: RepoRef; number: number; labels: readonly string[] },
): Promise<void> {
  const place = { owner: repository.owner, repo: repository.name, issue_number: number }
  await askGitHub(
    `label ${repository.owner}/${repository.name}#${number}`,
    octokit.rest.issues.addLabels({ ...place, labels: [...labels], ...OPTIONAL_REQUEST }),
  )
}

type Issue = Awaited<ReturnType<GitHubClient['rest']['issues']['get']>>['data']

/** An issue or a pull request, as GitHub's API gives it: the same as in a webhook about an issue. */
export async function getIssue(
  octokit: GitHubClient,
  { repository, number }: { readonly repository: RepoRef; readonly number: number },
): Promise<Issue> {
  const { owner, name } = repository
  const request = octokit.rest.issues.get({ owner, repo: name, issue_number: number })
  const { data } = await askGitHub(`read ${owner}/${name}#${number}`, request)
  return data
}
