import type { Account, RepositoryRecord } from '../records.ts'
import { renderAccount, renderOrganization } from '../render/render-account.ts'
import { renderInstallation } from '../render/render-app.ts'
import { renderRepository } from '../render/render-repository.ts'
import { inBackground, installationFor, repositoriesOf, type World } from '../world.ts'
import { deliver } from './deliver.ts'

export interface RepositoryEvent {
  readonly event: string
  readonly action: string
  readonly repository: RepositoryRecord
  readonly sender: Account
  /** What is special about the event. A promise when git has to be asked first. */
  readonly body: object | Promise<object>
}

/** Sends an event to the App, if its installation covers the repository and it subscribed to the event. */
export function emit(world: World, { event, action, repository, sender, body }: RepositoryEvent): void {
  const installation = installationFor(world, repository)
  if (world.webhooksLost) return
  if (!installation || installation.suspended || !world.app.events.includes(event)) return
  const { owner } = repository
  const around = {
    repository: renderRepository(world, repository),
    ...(owner.type === 'Organization' ? { organization: renderOrganization(world, owner) } : {}),
    sender: renderAccount(world, sender),
    installation: {
      id: installation.id,
      node_id: Buffer.from(`Installation${installation.id}`).toString('base64'),
    },
  }
  const send = async () => {
    const payload = { action, ...(await body), ...around }
    await deliver(world, {
      event,
      action,
      installationId: installation.id,
      repositoryId: repository.id,
      body: JSON.stringify(payload),
    })
  }
  inBackground(world, send())
}

/** Sends an `installation` event; every App gets those. */
export function emitInstallation(
  world: World,
  {
    account,
    action,
  }: { readonly account: Account; readonly action: 'created' | 'deleted' | 'suspend' | 'unsuspend' },
): void {
  const installation = [...world.installations.values()].find((candidate) => candidate.account === account)
  if (!installation) return
  const repositories = repositoriesOf(world, installation).map((repository) => {
    const { id, node_id, name, full_name, private: isPrivate } = renderRepository(world, repository)
    return { id, node_id, name, full_name, private: isPrivate }
  })
  const payload = {
    action,
    installation: renderInstallation(world, installation),
    repositories,
    ...(action === 'created' ? { requester: null } : {}),
    sender: renderAccount(world, account),
  }
  inBackground(
    world,
    deliver(world, {
      event: 'installation',
      action,
      installationId: installation.id,
      repositoryId: null,
      body: JSON.stringify(payload),
    }),
  )
}
