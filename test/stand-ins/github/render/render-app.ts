import { isoSeconds } from '../git/commit-object.ts'
import type { InstallationRecord, TokenRecord } from '../records.ts'
import { repositoriesOf, type World } from '../world.ts'
import { nodeId, renderAccount } from './render-account.ts'
import { renderRepository } from './render-repository.ts'

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
