import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

/** Stores bytes as a git blob and returns its id. The same bytes are the same blob, so it may be repeated. */
export async function createBlob(
  octokit: GitHubClient,
  { repository, bytes }: { repository: RepoRef; bytes: Uint8Array },
): Promise<string> {
  const { data } = await askGitHub(
    `store a file in ${repository.owner}/${repository.name}`,
    octokit.rest.git.createBlob({
      owner: repository.owner,
      repo: repository.name,
      content: Buffer.from(bytes).toString('base64'),
      encoding: 'base64',
    }),
  )
  return data.sha
}
