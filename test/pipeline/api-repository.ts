import type { RunRequest } from '../../src/runs/run.ts'
import type { RepositoryHandle } from '../stand-ins/github/observer.ts'
import type { GitHubStandIn } from '../stand-ins/github/start-github.ts'

/** A repository `acme/api` that ada may write to; private by default. */
export async function createApi(
  github: GitHubStandIn,
  files: Readonly<Record<string, string>> = {},
  isPrivate = true,
): Promise<RepositoryHandle> {
  return github.createRepository({
    ...{ owner: 'acme', name: 'api', private: isPrivate, collaborators: { ada: 'write' } },
    files: { 'README.md': '# api\n', 'gone.txt': 'x\n', ...files },
  })
}

/** Ada's issue in it, and her request on that issue. */
export async function askOnIssue(github: GitHubStandIn): Promise<Partial<RunRequest>> {
  const issue = { repo: 'acme/api', author: 'ada', title: 'Say hello', body: 'Please.' }
  const { number, htmlUrl } = await github.openIssue(issue)
  const thread = {
    kind: 'issue',
    number,
    title: issue.title,
    body: issue.body,
    author: 'ada',
    url: htmlUrl,
  } as const
  return { trigger: 'comment', thread, requester: { login: 'ada', id: 7 } }
}

/** Ada's pull request from `topic`, and her request on it. */
export async function askOnPullRequest(github: GitHubStandIn): Promise<Partial<RunRequest>> {
  const files = { 'b.txt': 'b\n' }
  await github.pushFiles({ repo: 'acme/api', branch: 'topic', author: 'ada', files })
  const pull = { repo: 'acme/api', author: 'ada', title: 'Topic', head: 'topic' }
  const { number, htmlUrl } = await github.openPullRequest(pull)
  const thread = {
    kind: 'pull_request',
    number,
    title: 'Topic',
    body: '',
    author: 'ada',
    url: htmlUrl,
  } as const
  return { trigger: 'comment', thread, requester: { login: 'ada', id: 7 } }
}
