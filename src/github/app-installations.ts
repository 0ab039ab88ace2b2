import { createTokenSource } from './app-access.ts'
import { createGitHubClient, type GitHubClient, type GitHubClientOptions } from './github-client.ts'
import { askGitHub } from './github-error.ts'

/** The App's view of everything that it is installed on: for upkeep, not for runs. */
export interface AppInstallations {
  /** As the App itself: its webhook deliveries and installations. @param signal ends its requests and waits. */
  asApp(signal: AbortSignal): GitHubClient
  /** For reading issues and pull requests of all repositories of one installation, and for nothing else. */
  reader(installationId: number, signal: AbortSignal): GitHubClient
}

export interface AppInstallationsOptions extends Omit<GitHubClientOptions, 'auth' | 'signal'> {
  readonly app: { readonly id: number; readonly privateKey: string }
  readonly now?: () => Date
}

const READER_PERMISSIONS = { metadata: 'read', issues: 'read', pull_requests: 'read' } as const

export function createAppInstallations(options: AppInstallationsOptions): AppInstallations {
  const { app, now = () => new Date(), ...client } = options
  const sources = new Map<number, ReturnType<typeof createTokenSource>>()

  function asApp(signal?: AbortSignal): GitHubClient {
    const auth = { kind: 'app', appId: app.id, privateKey: app.privateKey } as const
    return createGitHubClient({ ...client, auth, ...(signal ? { signal } : {}) })
  }

  async function mint(installationId: number) {
    const { data } = await askGitHub(
      `get a token to read issues of installation ${installationId}`,
      asApp().rest.apps.createInstallationAccessToken({
        installation_id: installationId,
        permissions: READER_PERMISSIONS,
      }),
    )
    return { token: data.token, expiresAt: new Date(data.expires_at) }
  }

  function sourceOf(installationId: number) {
    const known = sources.get(installationId)
    if (known) return known
    const source = createTokenSource({ mint: () => mint(installationId), now })
    sources.set(installationId, source)
    return source
  }

  return {
    asApp,
    reader: (installationId, signal) =>
      createGitHubClient({ ...client, auth: sourceOf(installationId), signal }),
  }
}
