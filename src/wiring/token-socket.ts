import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import { join, relative } from 'node:path'
import { json, text } from 'node:stream/consumers'
import { z } from 'zod'
import { BackspaceError, type ErrorCode, knownError } from '../errors.ts'
import { RIGHTS, type TokenStore } from '../web/access/token-store.ts'

/** What an operator does with API tokens. */
export type TokenOffice = Pick<TokenStore, 'create' | 'list' | 'revoke'>

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
const created = z.object({ text: z.string(), token: storedToken })
const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** The system's limit on the address of a socket is 108 bytes, or 104 on macOS. */
const LONGEST_ADDRESS = 100

/** The shorter of the two ways to name it; undefined when both are too long for a socket. */
function addressIn(dataDir: string): string | undefined {
  const whole = join(dataDir, 'tokens.sock')
  const short = relative(process.cwd(), whole)
  const address = short.length < whole.length ? short : whole
  return Buffer.byteLength(address) <= LONGEST_ADDRESS ? address : undefined
}

/**
 * The embedded database serves one process only, so `npm run token` asks that process, through a socket in the data
 * directory. Only the user who owns the directory can open it, which is the user who could read the database itself.
 *
 * @param more.onError called when there can be no socket.
 * @returns closes the socket.
 */
export async function serveTokenOffice(
  dataDir: string,
  { tokens, onError }: { readonly tokens: TokenOffice; readonly onError: (error: unknown) => void },
): Promise<() => void> {
  const address = addressIn(dataDir)
  if (address === undefined) return () => {}
  const server = createServer((incoming, outgoing) => {
    answer(incoming, tokens).then(({ status, body }) => {
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }, onError)
  })
  // A process that was killed left its socket behind; the lock on the directory says that it is gone.
  rmSync(address, { force: true })
  // The socket must not exist for a moment with the rights of the default mask.
  const mask = process.umask(0o177)
  server.listen(address)
  process.umask(mask)
  // Without the socket the command asks to stop the service first.
  server.on('error', onError)
  await once(server, 'listening').catch(() => undefined)
  server.unref()
  return () => {
    server.close()
    server.closeAllConnections()
  }
}

async function answer(incoming: IncomingMessage, tokens: TokenOffice) {
  try {
    return { status: 200, body: await obey(order.parse(await json(incoming)), tokens) }
  } catch (error) {
    const known = knownError(error)
    const { code, userMessage: message } =
      known ?? new BackspaceError('internal', 'Backspace could not do that.')
    return { status: 400, body: { error: { code, message } } }
  }
}

function obey(asked: Order, tokens: TokenOffice): Promise<unknown> {
  switch (asked.kind) {
    case 'create':
      return tokens.create(asked.token)
    case 'list':
      return tokens.list()
    case 'revoke':
      return tokens.revoke(asked.which)
  }
}

/**
 * The tokens of the service that holds the data directory.
 *
 * @returns undefined when no service answers there.
 */
export function connectTokenOffice(dataDir: string): TokenOffice | undefined {
  const address = addressIn(dataDir)
  if (address === undefined) return undefined
  return {
    create: async (token) => created.parse(await ask(address, { kind: 'create', token })),
    list: async () => z.array(storedToken).parse(await ask(address, { kind: 'list' })),
    revoke: async (which) => storedToken.parse(await ask(address, { kind: 'revoke', which })),
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
  // The other side is this same program.
  if (failed) throw new BackspaceError(failed.error.code as ErrorCode, failed.error.message)
  return body
}
