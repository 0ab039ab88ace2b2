import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { Journal } from '../journal.ts'
import { lastLines } from './last-lines.ts'

/** Servers by the ports on which they listen unless told otherwise: the name for people, and what its image is called. */
const SERVERS: Readonly<Record<string, readonly [name: string, image: string]>> = {
  1433: ['SQL Server', 'mssql'],
  1883: ['an MQTT broker', 'mqtt'],
  2379: ['etcd', 'etcd'],
  3306: ['MySQL', 'mysql'],
  4222: ['NATS', 'nats'],
  5432: ['PostgreSQL', 'postgres'],
  5672: ['RabbitMQ', 'rabbitmq'],
  6379: ['Redis', 'redis'],
  9042: ['Cassandra', 'cassandra'],
  9092: ['Kafka', 'kafka'],
  9200: ['Elasticsearch', 'elasticsearch'],
  11211: ['Memcached', 'memcached'],
  27017: ['MongoDB', 'mongo'],
}

/**
 * Wraps a sandbox so that a notice names a server of the sandbox itself, or Docker, that a failed command could not reach.
 * Such checks fail before and after each change, and their last lines seldom say why. Each one is named once per run, and
 * not if a notice says already that CI starts it.
 */
export function nameMissingServers(sandbox: Sandbox, journal: Pick<Journal, 'notice' | 'events'>): Sandbox {
  return {
    ...sandbox,
    async exec(command, options) {
      const result = await sandbox.exec(command, options)
      const missing = result.exitCode === 0 ? [] : serversNotReached(`${result.stdout}\n${result.stderr}`)
      if (missing.length === 0) return result
      const said = (await journal.events()).flatMap((event) =>
        event.type === 'notice' ? [event.message] : [],
      )
      const isNew = ({ name }: MissingServer) => !said.some((message) => isAbout(message, name))
      for (const server of missing.filter(isNew)) journal.notice('warning', sentence(server))
      return result
    },
  }
}

interface MissingServer {
  readonly name: string
  /** `localhost:5432`; undefined if the output has no address. */
  readonly address?: string | undefined
}

/** Whether a notice names the server, also as an image: `CI tests with postgres:16`. */
function isAbout(message: string, name: string): boolean {
  const [, image = name] = Object.values(SERVERS).find(([known]) => known === name) ?? []
  if (message.startsWith('CI tests with ')) return message.toLowerCase().includes(image.toLowerCase())
  return message.startsWith('A command ') && message.includes(` ${name}`)
}

function sentence({ name, address }: MissingServer): string {
  if (name === DOCKER)
    return `A command needs ${DOCKER}, and the sandbox has none: tests that start containers fail here, with and without the change.`
  const where = address === undefined ? '' : ` at \`${address}\``
  return `A command could not reach ${name}${where}: tests that need it fail here, with and without the change. Install and start it with \`setup\` and \`services\` in \`.github/backspace.yml\`.`
}

const DOCKER = 'Docker'
/** What clients of Docker, and Testcontainers for each language, print without an engine. */
const NO_ENGINE =
  /Could not find a valid Docker environment|Cannot connect to the Docker daemon|Error while fetching server API version|rootless Docker not found|Could not find a working container runtime|Docker is either not running or misconfigured|SocketNotFoundError\("|docker\.sock.{0,80}(?:ENOENT|no such file)|(?:ENOENT|no such file).{0,80}docker\.sock/i
const REFUSED = /refused|(?:can't|could not|cannot) connect|Connection to server .{0,60}failed/i
const LOCAL =
  /(?:localhost|127\.0\.0\.1|\[?::1\]?)["')]{0,2}(?: \([\d.:]{3,45}\))?(?::|,? port:? )(\d{4,5})(?!\d)/
/** Sockets in the file system, and clients that leave out the port. */
const SOCKETS: readonly (readonly [line: RegExp, name: string])[] = [
  [
    /\/\.s\.PGSQL\.5432\b.{0,80}(?:failed|No such file)|(?:No such file|connect to server).{0,200}\.s\.PGSQL/i,
    'PostgreSQL',
  ],
  [
    /can't connect to (?:local )?(?:MySQL|MariaDB|server).{0,40}(?:through socket|on '(?:localhost|127\.0\.0\.1)')/i,
    'MySQL',
  ],
]

/**
 * The servers that the output of a failed command says it could not reach on its own machine. The text is untrusted, so
 * the result is only a hint for people, and its names come from a table.
 */
export function serversNotReached(output: string): readonly MissingServer[] {
  const found = new Map<string, MissingServer>()
  for (const line of lastLines(output)) {
    if (NO_ENGINE.test(line)) found.set(DOCKER, { name: DOCKER })
    const [address = '', port = ''] = (REFUSED.test(line) && LOCAL.exec(line)) || []
    const byPort = SERVERS[port]?.[0]
    const name = byPort ?? SOCKETS.find(([pattern]) => pattern.test(line))?.[1]
    if (name === undefined) continue
    const place =
      byPort === undefined ? undefined : `${address.startsWith('1') ? '127.0.0.1' : 'localhost'}:${port}`
    if (!found.has(name)) found.set(name, { name, address: place })
  }
  return [...found.values()]
}
