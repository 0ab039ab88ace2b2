import { parseRepoSettings, type RepoSettings, SETTINGS_PATHS } from '../../checks/repo-settings.ts'
import { getTree } from '../../github/commits.ts'
import { type CommunityFile, contributingIn, templateIn } from '../../github/community-files.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { findOptional, getFile } from '../../github/repositories.ts'
import { keepReads } from '../../memory/kept-reads.ts'

/** Defaults for all repositories of an owner, from the owner's repository `.github`. */
export interface OwnerDefaults {
  readonly settings?: RepoSettings | undefined
  /** For repositories that have none. As on GitHub, only a public `.github` provides template and contributing guide. */
  readonly template?: CommunityFile | undefined
  readonly contributing?: CommunityFile | undefined
}

/** Reads the defaults of a repository's owner; undefined if there are none. */
export type ReadOwnerDefaults = (
  access: Pick<RepositoryAccess, 'octokit' | 'repository'>,
) => Promise<OwnerDefaults | undefined>

const REPOSITORY = '.github'
/** The usual places, and the root, since `.github/.github/` would repeat the name. */
const PLACES = [...SETTINGS_PATHS, 'backspace.yml', 'backspace.yaml']
const KEPT_MS = 10 * 60_000
const MAX_OWNERS = 1000

/**
 * Reads with the credential of the run, so that a private `.github` counts only if that credential can see it. Every
 * answer, even a negative one, is cached for ten minutes. A repository that does not exist costs one request.
 */
export function createOwnerDefaults(now: () => Date = () => new Date()): ReadOwnerDefaults {
  const kept = keepReads<string, OwnerDefaults | undefined>({ most: MAX_OWNERS, now })

  return async ({ octokit, repository }) => {
    if (repository.name.toLowerCase() === REPOSITORY) return undefined
    const key = `${repository.owner.toLowerCase()} ${repository.private}`
    const defaults = kept.get(key, KEPT_MS, () => read({ octokit, owner: repository.owner }))
    return defaults.catch(() => undefined)
  }
}

async function read({
  octokit,
  owner,
}: Pick<RepositoryAccess, 'octokit'> & { readonly owner: string }): Promise<OwnerDefaults | undefined> {
  const repository = await findOptional(octokit, { owner, name: REPOSITORY })
  if (!repository) return undefined
  const { defaultBranch: ref } = repository
  const { entries } = await getTree(octokit, { repository, tree: ref })
  const paths = entries.map(({ path }) => path)
  const readOne = async (path: string | undefined): Promise<CommunityFile | undefined> => {
    const text = path === undefined ? undefined : await getFile(octokit, { repository, path, ref })
    return text === undefined ? undefined : { path: `${owner}/${REPOSITORY}/${path}`, text }
  }
  const isPublic = !repository.private
  const [settings, template, contributing] = await Promise.all([
    readOne(PLACES.find((path) => paths.includes(path))),
    readOne(isPublic ? templateIn(paths) : undefined),
    readOne(isPublic ? contributingIn(paths) : undefined),
  ])
  return { settings: settings && parseRepoSettings(settings.text, settings.path), template, contributing }
}
