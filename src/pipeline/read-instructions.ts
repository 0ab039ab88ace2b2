import { getFile } from '../github/get-file.ts'
import type { RepositoryAccess } from '../github/octokit.ts'

const PATHS = ['AGENTS.md', 'CLAUDE.md']
const MAX_CHARACTERS = 32 * 1024

/**
 * What the repository tells agents. Read on the host from a commit that only people with write access made: in a
 * pull request that is the base, never its own branch.
 */
export async function readInstructions(
  { octokit, repository }: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  commit: string,
): Promise<{ path: string; text: string }[]> {
  const found = await Promise.all(
    PATHS.map(async (path) => ({ path, text: await getFile(octokit, { repository, path, ref: commit }) })),
  )
  const seen = new Set<string>()
  return found.flatMap(({ path, text = '' }) => {
    // CLAUDE.md is often a link to AGENTS.md.
    if (text.trim() === '' || seen.has(text)) return []
    seen.add(text)
    return [{ path, text: text.slice(0, MAX_CHARACTERS) }]
  })
}
