import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import { githubStatus } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

/**
 * A text file as it is in a commit, links inside the repository followed; undefined when there is no such file, or
 * it is larger than GitHub hands out this way (1 MB).
 */
export async function getFile(
  octokit: GitHubClient,
  { repository, path, ref }: { repository: RepoRef; path: string; ref: string },
): Promise<string | undefined> {
  try {
    const { data } = await askGitHub(
      `read ${path} in ${repository.owner}/${repository.name}`,
      octokit.rest.repos.getContent({ owner: repository.owner, repo: repository.name, path, ref }),
    )
    if (Array.isArray(data) || data.type !== 'file' || data.encoding !== 'base64') return undefined
    return Buffer.from(data.content, 'base64').toString('utf8')
  } catch (error) {
    if (githubStatus(error) === 404) return undefined
    throw error
  }
}
