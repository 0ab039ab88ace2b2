import { Client, escapeIdentifier } from 'pg'
import { KEEP_ALIVE_MS } from './watch-connections.ts'

type Handler = (payload: string) => void

export interface PostgresListener {
  /** @returns a function that removes the handler. */
  listen(channel: string, handler: Handler): Promise<() => Promise<void>>
  close(): Promise<void>
}

const LONGEST_WAIT_MS = 30_000

/**
 * One connection for all LISTENs of this process. It is opened for the first of them, and reopened when it breaks.
 * Notifications in between are lost, so a listener must also poll.
 */
export function createPostgresListener(options: {
  readonly url: string
  readonly onError: (error: unknown) => void
}): PostgresListener {
  const channels = new Map<string, Set<Handler>>()
  let connection: Promise<Client> | undefined
  let retry: NodeJS.Timeout | undefined
  let failures = 0
  let closed = false

  async function connect(): Promise<Client> {
    const client = new Client({
      connectionString: options.url,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      application_name: 'backspace-listen',
    })
    client.on('notification', ({ channel, payload }) => {
      for (const handler of channels.get(channel) ?? []) handler(payload ?? '')
    })
    // Both 'error' and 'end' may fire; the first one drops the connection.
    client.on('error', (error) => lost(client, error))
    client.on('end', () => lost(client, new Error('The LISTEN connection ended')))
    current = client
    try {
      await client.connect()
      for (const channel of channels.keys()) await client.query(`listen ${escapeIdentifier(channel)}`)
    } catch (error) {
      lost(client, error)
      throw error
    }
    failures = 0
    return client
  }
  let current: Client | undefined

  function lost(client: Client, error: unknown): void {
    if (closed || current !== client) return
    current = undefined
    connection = undefined
    client.end().catch(() => {})
    options.onError(error)
    if (channels.size > 0) {
      retry = setTimeout(
        () => void connected().catch(() => {}),
        Math.min(1000 * 2 ** failures++, LONGEST_WAIT_MS),
      )
      retry.unref()
    }
  }

  function connected(): Promise<Client> {
    clearTimeout(retry)
    connection ??= connect()
    return connection
  }

  return {
    async listen(channel, handler) {
      const handlers = channels.get(channel) ?? new Set<Handler>()
      const isNew = handlers.size === 0
      channels.set(channel, handlers.add(handler))
      // A new connection listens to every known channel, so this LISTEN may be the second one, which does no harm.
      const client = await connected()
      if (isNew) await client.query(`listen ${escapeIdentifier(channel)}`)
      return async () => {
        handlers.delete(handler)
        if (handlers.size > 0 || channels.get(channel) !== handlers) return
        channels.delete(channel)
        await current?.query(`unlisten ${escapeIdentifier(channel)}`).catch(() => {})
      }
    },
    async close() {
      closed = true
      clearTimeout(retry)
      await connection?.then((client) => client.end()).catch(() => {})
    },
  }
}
