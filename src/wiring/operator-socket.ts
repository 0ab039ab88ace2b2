import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import { join, relative } from 'node:path'
import { json, text } from 'node:stream/consumers'
import { z } from 'zod'
import type { Config } from '../config.ts'
import { BackspaceError, type ErrorCode, knownError } from '../errors.ts'
import { keyList, readKeyList } from '../receipts/key-list.ts'
import type { ReceiptKeys } from '../receipts/receipt-keys.ts'
import type { PauseStore } from '../runs/pause/operator-pause.ts'
import { RIGHTS, type TokenStore } from '../web/access/token-store.ts'

/** What an operator can do by commands while Backspace runs. */
export interface OperatorOffice {
  readonly tokens: Pick<TokenStore, 'create' | 'list' | 'revoke'>
  readonly keys: Pick<ReceiptKeys, 'list' | 'rotate'>
  readonly pauses: PauseStore
}

const date = z.coerce.date().nullable()
const order = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('create'),
    token: z.object({
      name: z.string(),
      owner: z.string().nullable(),
      repositories: z.array(z.string()).readonly(),
      rights: z.array(z.enum(RIGHTS)).readonly(),
      runsPerHour: z.number().nullable(),
      expiresAt: date,
    }),
  }),
  z.object({ kind: z.literal('list') }),
  z.object({ kind: z.literal('revoke'), which: z.string() }),
  z.object({ kind: z.literal('keys') }),
  z.object({ kind: z.literal('rotate_key') }),
  z.object({ kind: z.literal('pause'), reason: z.string(), stopRunning: z.boolean() }),
  z.object({ kind: z.literal('resume') }),
  z.object({ kind: z.literal('paused') }),
])
type Order = z.infer<typeof order>

const storedToken = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string().nullable(),
  digest: z.string(),
  repositories: z.array(z.string()),
  rights: z.array(z.enum(RIGHTS)),
  runsPerHour: z.number().nullable(),
  createdAt: z.coerce.date(),
  expiresAt: date,
  lastUsedAt: date,
  revokedAt: date,
})
const storedPause = z.object({ reason: z.string(), stopRunning: z.boolean(), at: z.coerce.date() })
const created = z.object({ text: z.string(), token: storedToken })
const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** Longest address, in bytes. The system's limit for a socket is 108 bytes, or 104 on macOS. */
const LONGEST_ADDRESS = 100

/** The shorter of two ways to name the socket; undefined when both are too long. */
function addressIn(dataDir: string): string | undefined {
  const whole = join(dataDir, 'tokens.sock')
  const short = relative(process.cwd(), whole)
  const address = short.length < whole.length ? short : whole
  return Buffer.byteLength(address) <= LONGEST_ADDRESS ? address : undefined
}

/**
 * Serves the commands `npm run token`, `npm run keys` and `npm run pause` through a socket in the data directory, since
 * the embedded database can be opened by one process only. Only the directory's owner can open the socket, who could
 * read the database anyway.
 *
 * @param more.onError called when there can be no socket.
 * @returns a function that closes the socket.
 */
export async function serveOperatorOffice(
  database: Config['database'],
  { onError, ...office }: OperatorOffice & { readonly onError: (error: unknown) => void },
): Promise<() => void> {
  // With PostgreSQL, the commands open the database themselves.
  const address = 'dataDir' in database ? addressIn(database.dataDir) : undefined
  if (address === undefined) return () => {}
  const server = createServer((incoming, outgoing) => {
    answer(incoming, office, onError).then(({ status, body }) => {
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }, onError)
  })
  // A process that was killed left its socket behind. The lock on the directory shows that it is gone.
  rmSync(address, { force: true })
  // Otherwise the socket would exist for a moment with the rights of the default umask.
  const mask = process.umask(0o177)
  server.listen(address)
  process.umask(mask)
  // Without the socket, the command asks to stop the service first.
  server.on('error', onError)
  await once(server, 'listening').catch(() => undefined)
  server.unref()
  return () => {
    server.close()
    server.closeAllConnections()
  }
}

async function answer(incoming: IncomingMessage, office: OperatorOffice, onError: (error: unknown) => void) {
  try {
    return { status: 200, body: await obey(order.parse(await json(incoming)), office) }
  } catch (error) {
    const known = knownError(error)
    if (known === undefined) onError(error)
    const { code, userMessage: message } =
      known ?? new BackspaceError('internal', 'The running Backspace failed at that. Its log says why.')
    return { status: 400, body: { error: { code, message } } }
  }
}

async function obey(asked: Order, { tokens, keys, pauses }: OperatorOffice): Promise<unknown> {
  switch (asked.kind) {
    case 'create':
      return tokens.create(asked.token)
    case 'list':
      return tokens.list()
    case 'revoke':
      return tokens.revoke(asked.which)
    case 'keys':
      return keyList(await keys.list())
    case 'rotate_key':
      return keyList([await keys.rotate()])
    case 'pause':
      return pauses.begin(asked)
    case 'resume':
      return { pause: await pauses.end() }
    case 'paused':
      return { pause: await pauses.read() }
  }
}

/**
 * Connects to the service that holds the data directory.
 *
 * @returns undefined when no service answers there.
 */
export function connectOperatorOffice(dataDir: string): OperatorOffice | undefined {
  const address = addressIn(dataDir)
  if (address === undefined) return undefined
  const askKeys = async (kind: 'keys' | 'rotate_key') =>
    readKeyList(JSON.stringify(await ask(address, { kind })))
  const askPause = async (kind: 'resume' | 'paused') =>
    z.object({ pause: storedPause.optional() }).parse(await ask(address, { kind })).pause
  return {
    pauses: {
      begin: async (wanted) => storedPause.parse(await ask(address, { kind: 'pause', ...wanted })),
      end: () => askPause('resume'),
      read: () => askPause('paused'),
    },
    tokens: {
      create: async (token) => created.parse(await ask(address, { kind: 'create', token })),
      list: async () => z.array(storedToken).parse(await ask(address, { kind: 'list' })),
      revoke: async (which) => storedToken.parse(await ask(address, { kind: 'revoke', which })),
    },
    keys: {
      list: () => askKeys('keys'),
      async rotate() {
        const [made] = await askKeys('rotate_key')
        if (made === undefined)
          throw new BackspaceError('internal', 'The running Backspace made no key. Its log says why.')
        return made
      },
    },
  }
}

async function ask(address: string, asked: Order): Promise<unknown> {
  const sent = request({ socketPath: address, method: 'POST', path: '/' })
  sent.end(JSON.stringify(asked))
  const [response] = (await once(sent, 'response').catch((cause: unknown) => {
    throw new BackspaceError(
      'database_locked',
      'Another process holds the data directory (DATA_DIR) and does not answer. If it is Backspace, run this command as the same user, or stop Backspace first.',
      { cause },
    )
  })) as [IncomingMessage]
  const body: unknown = JSON.parse(await text(response))
  const failed = failure.safeParse(body).data
  // The other side is this same program, so its codes are valid.
  if (failed) throw new BackspaceError(failed.error.code as ErrorCode, failed.error.message)
  return body
}
