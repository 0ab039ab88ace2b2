import { readGitConfig } from '../text/git-config.ts'
import { createPathGlob } from '../text/path-glob.ts'
import type { GitHubClient } from './github-client.ts'
import { fullName, type RepoRef } from './repo-ref.ts'
import { getFile } from './repositories.ts'

/** What a commit's `.lfsconfig` says: where the files of Git LFS are, and which of them a clone fetches. */
export interface LfsConfig {
  /** True if it names another server than the repository's own. Backspace sends nothing there. */
  readonly elsewhere: boolean
  /** Whether `git lfs pull` fetches a path. */
  readonly isFetched: (path: string) => boolean
}

/** @param webUrl `https://github.com`, or the Enterprise Server's address. */
export async function readLfsConfig(
  octokit: GitHubClient,
  {
    repository,
    ref,
    webUrl,
  }: { readonly repository: RepoRef; readonly ref: string; readonly webUrl: string },
): Promise<LfsConfig> {
  const text = await getFile(octokit, { repository, path: '.lfsconfig', ref })
  return parseLfsConfig(text ?? '', `${webUrl}/${fullName(repository)}`)
}

/** @param own address of the repository on GitHub. */
export function parseLfsConfig(text: string, own: string): LfsConfig {
  const places = new Set([own, `${own}.git`, `${own}.git/info/lfs`].map((place) => place.toLowerCase()))
  const values = readGitConfig(text)
  const all = (...names: readonly string[]) =>
    values.flatMap(({ name, value }) => (names.includes(name) ? [value] : []))
  const patterns = (name: string) => all(name).flatMap((value) => patternsOf(value))
  const [included, excluded] = [patterns('lfs.fetchinclude'), patterns('lfs.fetchexclude')]
  return {
    elsewhere: all('lfs.url', 'lfs.pushurl', 'remote.lfsurl', 'remote.lfspushurl').some(
      (place) => !places.has(place.replace(/\/$/, '').toLowerCase()),
    ),
    isFetched: (path) =>
      (included.length === 0 || included.some((fits) => fits(path))) && !excluded.some((fits) => fits(path)),
  }
}

/**
 * The matchers for a list of patterns. As in `.gitignore`, a name matches in any folder, and a folder matches all that
 * is in it.
 */
function patternsOf(list: string): readonly ((path: string) => boolean)[] {
  return list
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '')
    .flatMap((pattern) => {
      const bare = pattern.replace(/^\//, '').replace(/\/$/, '')
      const anchored = bare.includes('/') || pattern.startsWith('/') ? bare : `**/${bare}`
      return [createPathGlob(anchored), createPathGlob(`${anchored}/**`)]
    })
}
