import { findOnGitHub } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'

interface TitlesQuery {
  readonly repository: RepoRef
  /** A commit. Its title and those of the commits before it are read. */
  readonly ref: string
  /** How many titles to read, at most 100. */
  readonly most: number
}

/** The first lines of the latest commits by people, newest first. Titles that GitHub wrote for merges are left out. */
export async function commitTitles(
  octokit: GitHubClient,
  { repository, ref, most }: TitlesQuery,
): Promise<readonly string[]> {
  const found = await findOnGitHub(
    `list commits of ${fullName(repository)}`,
    octokit.rest.repos.listCommits({ ...inRepository(repository), sha: ref, per_page: most }),
  )
  return (found?.data ?? [])
    .filter(({ author, parents }) => author?.type !== 'Bot' && parents.length < 2)
    .map(({ commit }) => commit.message.split('\n', 1)[0]?.slice(0, 200) ?? '')
}
