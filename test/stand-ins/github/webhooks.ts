import { createHmac, randomUUID } from 'node:crypto'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Account, DeliveryRecord, RepositoryRecord } from './records.ts'
import { renderInstallation } from './rest/app.ts'
import { renderAccount, renderOrganization, renderRepository } from './rest/render-repository.ts'
import { inBackground, installationFor, repositoriesOf, type World } from './world.ts'

interface RepositoryEvent {
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

/** What a new App gets first. */
export async function sendPing(world: World): Promise<void> {
  const hook = { type: 'App', id: world.app.id, name: 'web', active: true, app_id: world.app.id }
  const body = JSON.stringify({ zen: 'Keep it logically awesome.', hook_id: world.app.id, hook })
  await deliver(world, { event: 'ping', action: null, installationId: null, repositoryId: null, body })
}

/** Sends `github_app_authorization.revoked`; every App gets it. */
export function emitRevocation(world: World, account: Account): void {
  const payload = { action: 'revoked', sender: renderAccount(world, account) }
  inBackground(
    world,
    deliver(world, {
      event: 'github_app_authorization',
      action: 'revoked',
      installationId: null,
      repositoryId: null,
      body: JSON.stringify(payload),
    }),
  )
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

/** GitHub gives a receiver ten seconds. */
const PATIENCE_MS = 10_000

interface NewDelivery {
  readonly event: string
  readonly action: string | null
  readonly installationId: number | null
  readonly repositoryId: number | null
  readonly body: string
  /** Set for a redelivery: the same delivery id as the first time, as on GitHub. */
  readonly guid?: string
}

/** Signs and posts one delivery, and keeps what came back. A receiver that fails is an answer, not an error. */
async function deliver(world: World, delivery: NewDelivery): Promise<DeliveryRecord> {
  const guid = delivery.guid ?? randomUUID()
  const record: DeliveryRecord = {
    ...delivery,
    id: world.nextId(),
    guid,
    redelivery: delivery.guid !== undefined,
    headers: headersOf(world, { ...delivery, guid }),
    deliveredAt: world.now(),
    statusCode: 0,
    status: 'pending',
    response: { headers: {}, body: '' },
  }
  world.deliveries.push(record)
  try {
    const answer = await post(world, record)
    record.statusCode = answer.statusCode
    record.status = answer.statusCode < 400 ? 'OK' : `Invalid HTTP Response: ${answer.statusCode}`
    record.response = { headers: answer.headers, body: answer.body }
  } catch (error) {
    record.status =
      error instanceof Error && error.name === 'TimeoutError' ? 'timed out' : 'failed to connect to host'
  }
  return record
}

/** Sends a delivery again, with its first delivery id. */
export function redeliver(world: World, first: DeliveryRecord): Promise<DeliveryRecord> {
  const { event, action, installationId, repositoryId, body, guid } = first
  const again = deliver(world, { event, action, installationId, repositoryId, body, guid })
  inBackground(world, again)
  return again
}

function headersOf(
  world: World,
  { event, guid, body }: NewDelivery & { guid: string },
): Record<string, string> {
  const mac = (algorithm: string) => createHmac(algorithm, world.app.webhookSecret).update(body).digest('hex')
  return {
    accept: '*/*',
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/5tand1n',
    'x-github-delivery': guid,
    'x-github-event': event,
    'x-github-hook-id': String(world.app.id),
    'x-github-hook-installation-target-id': String(world.app.id),
    'x-github-hook-installation-target-type': 'integration',
    'x-hub-signature': `sha1=${mac('sha1')}`,
    'x-hub-signature-256': `sha256=${mac('sha256')}`,
  }
}

interface Answer {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: string
}

// Not fetch: its kept-alive connections would hold the receiver open after a test.
function post(world: World, { headers, body }: DeliveryRecord): Promise<Answer> {
  const target = world.webhookTarget
  if (target === undefined) return Promise.reject(new Error('no webhook target is set'))
  const request = target.startsWith('https:') ? requestHttps : requestHttp
  const signal = AbortSignal.any([world.closing, AbortSignal.timeout(PATIENCE_MS)])
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal,
    } as const
    const outgoing = request(target, options, (response) => {
      const { statusCode = 0 } = response
      const named = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
      const answered = (body: string) => resolve({ statusCode, headers: Object.fromEntries(named), body })
      text(response).then(answered, reject)
    })
    outgoing.on('error', (error) => reject(signal.reason instanceof Error ? signal.reason : error))
    outgoing.end(body)
  })
}
