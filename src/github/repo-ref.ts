import { BackspaceError } from '../errors.ts'

/** A repository by name; `id` survives renames and tells a reused name from the repository that was meant. */
export interface RepoRef {
  readonly owner: string
  readonly name: string
  readonly id?: number
}

const OWNER = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/
const NAME = /^[A-Za-z0-9._-]{1,100}$/

/**
 * Reads the address of a repository as people paste it: `https://github.com/owner/name`, with or without `.git`
 * or a slash at the end. The address itself is never fetched; only owner and name are used. So everything else
 * (user info, another port or host, a query, encoded characters, `git@…`) is refused, not repaired.
 *
 * @param webUrl `https://github.com`, or the address of a GitHub Enterprise Server; no slash at the end.
 * @throws {BackspaceError} `bad_repository_url`
 */
export function parseRepoUrl(repoUrl: string, webUrl: string): RepoRef {
  const text = repoUrl.trim()
  const prefix = `${webUrl}/`
  if (text.slice(0, prefix.length).toLowerCase() !== prefix.toLowerCase()) throw badAddress(webUrl)
  const [owner = '', rawName = '', ...rest] = text.slice(prefix.length).replace(/\/$/, '').split('/')
  const name = rawName.replace(/\.git$/i, '')
  if (rest.length > 0 || !OWNER.test(owner) || !NAME.test(name) || /^\.{1,2}$/.test(name)) {
    throw badAddress(webUrl)
  }
  return { owner, name }
}

function badAddress(webUrl: string): BackspaceError {
  return new BackspaceError(
    'bad_repository_url',
    `The repository's address must look like ${webUrl}/owner/repository, without anything before or after it.`,
  )
}
