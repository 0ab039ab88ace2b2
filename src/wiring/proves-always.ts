import { parseRepoSettings, SETTINGS_PATHS } from '../checks/repo-settings.ts'
import type { RepositoryAccess } from '../github/github-access.ts'
import { getFile } from '../github/repositories.ts'
import type { TriggerDeps } from '../triggers/trigger-deps.ts'
import { loadOnFirstUse } from './load-later.ts'

/** Reads whether the settings on a branch, or else the owner's defaults, ask for a proof of each pull request. */
export function createProvesAlways(): TriggerDeps['provesAlways'] {
  const ownerDefaults = loadOnFirstUse(async () => {
    const { createOwnerDefaults } = await import('../pipeline/setup/owner-defaults.ts')
    return createOwnerDefaults(() => new Date())
  })
  return async (access, branch) => {
    const own = await readProve(access, branch)
    if (own !== undefined) return own === 'always'
    const readDefaults = await ownerDefaults()
    return (await readDefaults(access))?.settings?.prove === 'always'
  }
}

async function readProve({ octokit, repository }: RepositoryAccess, branch: string) {
  for (const path of SETTINGS_PATHS) {
    const text = await getFile(octokit, { repository, path, ref: branch })
    if (text !== undefined) return parseRepoSettings(text, path).prove
  }
  return undefined
}
