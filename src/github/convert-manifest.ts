import { BackspaceError } from '../errors.ts'
import { askGitHub } from './github-call.ts'
import { createGitHubClient } from './github-client.ts'
import { githubStatus } from './github-error.ts'

/** An App that was just created from a manifest, with the secrets that GitHub shows only this once. */
export interface CreatedApp {
  readonly id: number
  readonly slug: string
  readonly name: string
  /** Login of the account that owns the App; undefined if that is an enterprise. */
  readonly owner: string | undefined
  readonly ownerType: 'User' | 'Organization' | 'Enterprise'
  /** PEM. */
  readonly privateKey: string
  readonly webhookSecret: string
  readonly clientId: string
  readonly clientSecret: string
  /** The page on which people install the App. */
  readonly installUrl: string
}

/**
 * Exchanges the code from GitHub's page for the App's credentials. A code works only once, and expires after an hour.
 *
 * @throws {BackspaceError} `not_found` for a code that was used, has expired or never existed; `github_unavailable` …
 */
export async function convertManifest({
  apiUrl,
  code,
}: {
  readonly apiUrl: string
  readonly code: string
}): Promise<CreatedApp> {
  const octokit = createGitHubClient({ apiUrl, auth: { kind: 'anonymous' } })
  const { data } = await askGitHub(
    'get the credentials of the new App',
    octokit.rest.apps.createFromManifest({ code }).catch(explainCode),
  )
  const { webhook_secret: webhookSecret } = data
  if (!webhookSecret)
    throw new BackspaceError(
      'conflict',
      'GitHub created the App without a webhook secret. Delete it on GitHub, and create it again from this page.',
    )
  const { owner } = data
  const login = owner !== null && 'login' in owner ? owner.login : undefined
  const type = owner !== null && 'type' in owner ? owner.type : 'Enterprise'
  return {
    id: data.id,
    slug: data.slug ?? '',
    name: data.name,
    owner: login,
    ownerType: type === 'Organization' || type === 'User' ? type : 'Enterprise',
    privateKey: data.pem,
    webhookSecret,
    clientId: data.client_id,
    clientSecret: data.client_secret,
    installUrl: `${data.html_url}/installations/new`,
  }
}

function explainCode(error: unknown): never {
  const status = githubStatus(error)
  if (status !== 404 && status !== 422) throw error
  throw new BackspaceError(
    'not_found',
    'GitHub does not know this code: it works once and for an hour. If an App was created, delete it on GitHub, then create it again from this page.',
    { cause: error },
  )
}
