import { isoSeconds } from '../git/commits.ts'
import type { Account, InstallationRecord, TokenRecord } from '../records.ts'
import { repositoriesOf, type World } from '../world.ts'
import { renderRepository } from './render-repository.ts'

/** GitHub's `simple-user`. */
export function renderAccount(world: World, account: Account) {
  // The brackets of `name[bot]` are escaped in API addresses but not in the login.
  const url = `${world.apiUrl}/users/${encodeURIComponent(account.login)}`
  const page = account.type === 'Bot' ? `apps/${account.login.replace(/\[bot\]$/, '')}` : account.login
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type === 'Bot' ? 'BOT' : 'U', account.id),
    avatar_url: `${world.url}/avatars/u/${account.id}`,
    gravatar_id: '',
    url,
    html_url: `${world.url}/${page}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: 'public',
    site_admin: false,
  }
}

/** GitHub's `public-user`. */
export function renderProfile(world: World, account: Account) {
  const repositories = [...world.repositories.values()].filter((repository) => repository.owner === account)
  return {
    ...renderAccount(world, account),
    name: account.name,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: repositories.filter((repository) => !repository.private).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: isoSeconds(account.createdAt),
    updated_at: isoSeconds(account.createdAt),
  }
}

/** GitHub's `organization-simple`, as webhooks carry it for repositories of an organization. */
export function renderOrganization(world: World, account: Account) {
  const url = `${world.apiUrl}/orgs/${account.login}`
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('O', account.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.url}/avatars/u/${account.id}`,
    description: null,
  }
}

/** The address GitHub gives an account in commits. */
export function noreplyEmail(account: Account): string {
  return `${account.id}+${account.login}@users.noreply.github.com`
}

/** An opaque global id of the kind GitHub uses. */
export function nodeId(prefix: string, id: number | string): string {
  return `${prefix}_${Buffer.from(String(id)).toString('base64url')}`
}

/** GitHub's `integration`: the App itself. */
export function renderApp(world: World) {
  const { app } = world
  return {
    id: app.id,
    client_id: app.clientId,
    slug: app.slug,
    node_id: nodeId('A', app.id),
    owner: renderAccount(world, app.owner),
    name: app.name,
    description: '',
    external_url: 'https://example.test/',
    html_url: `${world.url}/apps/${app.slug}`,
    created_at: isoSeconds(app.createdAt),
    updated_at: isoSeconds(app.createdAt),
    permissions: app.permissions,
    events: app.events,
  }
}

/** GitHub's `installation`. */
export function renderInstallation(world: World, installation: InstallationRecord) {
  const { app } = world
  return {
    id: installation.id,
    client_id: app.clientId,
    account: renderAccount(world, installation.account),
    repository_selection: 'selected',
    access_tokens_url: `${world.apiUrl}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${world.apiUrl}/installation/repositories`,
    html_url: `${world.url}/settings/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: installation.account.id,
    target_type: installation.account.type,
    permissions: installation.permissions,
    events: app.events,
    created_at: isoSeconds(installation.createdAt),
    updated_at: isoSeconds(installation.createdAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: installation.suspended ? renderAccount(world, installation.account) : null,
    suspended_at: installation.suspended ? isoSeconds(world.now()) : null,
  }
}

/** GitHub's `installation-token`. */
export function renderInstallationToken(world: World, token: TokenRecord, installation: InstallationRecord) {
  const { repositoryIds } = token
  const chosen = repositoriesOf(world, installation).filter((repository) =>
    repositoryIds?.includes(repository.id),
  )
  return {
    token: token.token,
    expires_at: isoSeconds(token.expiresAt ?? 0),
    permissions: token.permissions,
    repository_selection: 'selected',
    ...(repositoryIds === undefined
      ? {}
      : { repositories: chosen.map((repository) => renderRepository(world, repository)) }),
  }
}
