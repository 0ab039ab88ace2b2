import { findOnGitHub } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'

interface TitlesQuery {
  readonly repository: RepoRef
  /** A commit; the newest titles up to it. */
  readonly ref: string
  /** At most 100. */
  readonly most: number
}

/** The first lines of the latest commits that people made, newest first; of merges, GitHub's own words are left out. */
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
