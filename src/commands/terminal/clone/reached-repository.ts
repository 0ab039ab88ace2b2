import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../../config.ts'
import { BackspaceError, knownError } from '../../../errors.ts'
import { createTokenKeeper } from '../../../github/token-keeper.ts'
import { gitCredential } from '../../../pipeline/workspace/workspace.ts'
import { createLazyGitHubAccess } from '../../../wiring/load-later.ts'
import { openCommit, type SourceTree, safeGit } from './open-tree.ts'

/** A repository from elsewhere, on this machine until it is disposed. */
export interface ReachedRepository extends AsyncDisposable {
  readonly tree: SourceTree
}

/**
 * Fetches one commit of a repository, without its history and without checking anything out.
 *
 * @param url `https://github.com/owner/name`
 * @param ref branch, tag or commit; default: the repository's HEAD.
 * @throws {BackspaceError} `repository_not_found` if it cannot be read, `repository_empty`, `base_not_found` if it has no such
 *   ref, `unavailable` if the server does not answer.
 */
export async function reachRepository(
  { github }: Pick<Config, 'github'>,
  url: string,
  ref = 'HEAD',
): Promise<ReachedRepository> {
  const directory = await mkdtemp(join(tmpdir(), 'backspace-clone-'))
  const remove = () => rm(directory, { recursive: true, force: true })
  try {
    await safeGit(directory, ['init', '--quiet', '--bare'])
    await using credential = await findCredential(github, url)
    const extra = credential.token === undefined ? [] : [gitCredential(github.webUrl, credential.token)]
    const fetch = ['fetch', '--quiet', '--depth=1', '--no-tags', '--end-of-options', `${url}.git`, ref]
    await safeGit(directory, fetch, extra).catch((error: unknown) => {
      throw notReached(url, ref, error)
    })
    const tree = await openCommit(directory, 'FETCH_HEAD', url)
    return { tree, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

function notReached(url: string, ref: string, error: unknown): BackspaceError {
  const said = String((error as { readonly stderr?: Uint8Array }).stderr ?? '')
  if (/couldn't find remote ref HEAD/.test(said) && ref === 'HEAD')
    return new BackspaceError('repository_empty', `${url} has no commit yet.`, { cause: error })
  if (/couldn't find remote ref|not our ref/.test(said)) {
    return new BackspaceError('base_not_found', `${url} has no branch, tag or commit ${ref}.`, {
      cause: error,
    })
  }
  // An answer with a status comes from the server, which says 404 for what the credential may not see.
  const away = /unable to access '[^']*': (?!The requested URL returned error: 4)(.+)/.exec(said)?.[1]
  if (away !== undefined) {
    return new BackspaceError(
      'unavailable',
      `${url} is out of reach: ${away}. Check the address, and the network of this machine.`,
      { cause: error },
    )
  }
  return new BackspaceError(
    'repository_not_found',
    `${url} cannot be read. Check the name, and if it is private, set APP_ID and PRIVATE_KEY or GITHUB_PAT.`,
    { cause: error },
  )
}

interface FoundCredential extends AsyncDisposable {
  /** Undefined: anonymous. */
  readonly token: string | undefined
}

const ANONYMOUS: FoundCredential = { token: undefined, [Symbol.asyncDispose]: async () => {} }

/** The operator's credential, which is sent only to the GitHub that it is for. A public repository needs none. */
async function findCredential(github: Config['github'], url: string): Promise<FoundCredential> {
  const [owner = '', name = ''] = url.startsWith(`${github.webUrl}/`)
    ? url.slice(github.webUrl.length + 1).split('/')
    : []
  if (owner === '' || (github.app === undefined && github.pat === undefined)) return ANONYMOUS
  const tokens = createTokenKeeper({ apiUrl: github.apiUrl })
  try {
    const access = await createLazyGitHubAccess({ ...github, tokens }).repository({ owner, name })
    const minted = await access.mintToken('read')
    return {
      token: minted.token,
      async [Symbol.asyncDispose]() {
        await minted[Symbol.asyncDispose]()
        await tokens.close()
      },
    }
  } catch (error) {
    await tokens.close()
    if (knownError(error) === undefined) throw error
    return ANONYMOUS
  }
}
