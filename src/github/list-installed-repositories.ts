import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import { githubTime } from './github-time.ts'

export interface InstalledRepositories {
  readonly repositories: readonly InstalledRepository[]
  /** GitHub's time when it began to answer. */
  readonly at: Date
}

export interface InstalledRepository {
  readonly id: number
  readonly owner: string
  readonly name: string
}

/**
 * Repositories that an installation covers, without the archived: nobody can comment there.
 *
 * @param octokit a client of that installation.
 */
export async function listInstalledRepositories(octokit: GitHubClient): Promise<InstalledRepositories> {
  const repositories: InstalledRepository[] = []
  let at: Date | undefined
  const pages = octokit.paginate.iterator(octokit.rest.apps.listReposAccessibleToInstallation, {
    per_page: 100,
  })
  async function readAll(): Promise<void> {
    for await (const page of pages) {
      at ??= githubTime(page)
      for (const { id, owner, name, archived } of page.data) {
        if (!archived) repositories.push({ id, owner: owner.login, name })
      }
    }
  }
  await askGitHub('list the repositories of an installation', readAll())
  return { repositories, at: at ?? new Date() }
}
