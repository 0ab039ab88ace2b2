import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { makeOnce } from './make-once.ts'

/** An initialised data directory, one per test run, named by `global-setup.ts`: a copy takes less time than `initdb`. */
const TEMPLATE = process.env.TEST_POSTGRES_TEMPLATE

export interface Postgres {
  /** A new empty database: its connection string. */
  createDatabase(): Promise<string>
  /**
   * As `pg_ctl restart -m fast`: connections break, what was committed stays, the address is the same.
   *
   * @param meanwhile is done while it is down.
   */
  restart(meanwhile?: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

/** The directory with `initdb` and `postgres`; undefined when PostgreSQL is not installed. */
export function postgresBinaries(): string | undefined {
  const installed = globSync('/usr/lib/postgresql/*/bin').sort(byVersion).reverse()
  const onPath = (process.env.PATH ?? '').split(delimiter)
  return [...installed, ...onPath].find((directory) =>
    ['initdb', 'postgres'].every((program) => existsSync(join(directory, program))),
  )
}

/**
 * Starts a private PostgreSQL on a free port of 127.0.0.1, as an unprivileged user, in a temporary directory.
 *
 * @param options.durable a commit waits for the disk, as an operator's does; tests have nothing to lose.
 */
export async function startPostgres({ durable = false } = {}): Promise<Postgres> {
  const binaries = postgresBinaries()
  if (binaries === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql')
  const directory = mkdtempSync(join(tmpdir(), 'backspace-postgres-'))
  const user = unprivilegedUser()
  if (user !== undefined) chownSync(directory, user.uid, user.gid)
  const options = { ...user, cwd: directory, stdio: 'ignore' } as const
  const data = join(directory, 'data')
  const initialise = (target: string) => {
    const setup = ['-D', target, '-U', 'backspace', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync']
    execFileSync(join(binaries, 'initdb'), setup, options)
  }
  if (TEMPLATE === undefined) initialise(data)
  else {
    await makeOnce(TEMPLATE, async () => {
      initialise(data)
      renameSync(data, TEMPLATE)
    })
    // As it is owned: by the unprivileged user.
    execFileSync('cp', ['-a', TEMPLATE, data])
  }
  const launch = (port: number) =>
    spawn(join(binaries, 'postgres'), serverArguments(data, { port, durable }), options)
  const url = (database: string) => `postgres://backspace@127.0.0.1:${port}/${database}`
  let port = await freePort()
  let server = launch(port)
  // It gives back its shared memory, which outlives a server that is killed.
  const killed = () => server.kill('SIGQUIT')
  process.once('exit', killed)
  // Another server may have taken the port that was free a moment ago.
  for (let tries = 1; !(await isOurs(url('postgres'), server, data)); tries++) {
    if (tries === 5) throw new Error('PostgreSQL did not start')
    if (server.exitCode === null) await end(server, 'SIGQUIT')
    port = await freePort()
    server = launch(port)
  }
  let databases = 0
  return {
    async createDatabase() {
      const name = `backspace_${++databases}`
      await query(url('postgres'), `create database ${name}`)
      return url(name)
    },
    async restart(meanwhile) {
      await end(server, 'SIGINT')
      await meanwhile?.()
      server = launch(port)
      await answers(url('postgres'), server)
    },
    async stop() {
      await end(server, 'SIGQUIT')
      process.off('exit', killed)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Whether the server that answers there is the one with this data directory. */
async function isOurs(url: string, server: ChildProcess, data: string): Promise<boolean> {
  const isThere = await answers(url, server).then(
    () => true,
    () => false,
  )
  return isThere && (await query(url, 'show data_directory').catch(() => undefined)) === data
}

async function end(server: ChildProcess, signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  const exited = once(server, 'exit')
  server.kill(signal)
  await exited
}

function serverArguments(
  data: string,
  { port, durable }: { readonly port: number; readonly durable: boolean },
): string[] {
  const address = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port }
  const settings = durable ? address : { ...address, ...SPARED }
  return ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

/**
 * In databases that live for seconds, compiling queries and looking for what to vacuum take longer than they save. A whole page is
 * written to the log after each checkpoint only for the sake of a machine that loses its power.
 */
const SPARED = { fsync: 'off', full_page_writes: 'off', jit: 'off', autovacuum: 'off' } as const

/**
 * Ends the servers whose directories are in `directory`. A worker of vitest is ended by a signal, so it cannot end those
 * that all its tests have shared; they would notice that their directory is gone a minute later.
 */
export async function endServersIn(directory: string): Promise<void> {
  const pids = globSync(join(directory, 'backspace-postgres-*/data/postmaster.pid')).map((file) =>
    Number(readFileSync(file, 'utf8').split('\n')[0]),
  )
  for (const pid of pids) signalTo(pid, 'SIGQUIT')
  for (let tries = 0; tries < 100 && pids.some((pid) => signalTo(pid, 0)); tries++) await delay(50)
}

/** False when there is no such process. */
function signalTo(pid: number, signal: 'SIGQUIT' | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: '-u' | '-g', name: string) => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }))
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: id('-u', name), gid: id('-g', name) }
    } catch {
      // No such user: the next one.
    }
  }
  throw new Error('PostgreSQL needs an unprivileged user, and there is neither postgres nor nobody')
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await query(url, 'select 1')
      return
    } catch (error) {
      if (server.exitCode !== null || attempt > 300) {
        throw new Error('PostgreSQL did not start', { cause: error })
      }
      await delay(50)
    }
  }
}

/** @returns the first value of the first row. */
async function query(url: string, statement: string): Promise<unknown> {
  const client = new Client({ connectionString: url })
  try {
    await client.connect()
    const { rows } = await client.query<Record<string, unknown>>(statement)
    return Object.values(rows[0] ?? {})[0]
  } finally {
    await client.end().catch(() => {})
  }
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

/**
 * A port of 127.0.0.1 that was free a moment ago, for a process that takes its port from a setting. It is below the ports that
 * systems give to connections and to listeners on port 0, so none of the many of a test run takes it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
