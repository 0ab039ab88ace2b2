import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../src/sandbox/local/probe-local-sandbox.ts'
import { eventually } from '../support/start-world.ts'

/** Proxies as docs/deploy.md shows them. */
export type ProxyName = 'nginx' | 'caddy'

export interface RunningProxy {
  readonly url: string
  stop(): Promise<void>
}

const FILES = { nginx: 'nginx/backspace.conf', caddy: 'caddy/Caddyfile' }
/** Where Debian has it, whatever the PATH of a person who is not root says. */
const PLACES = `${process.env.PATH}:/usr/sbin`

export function proxyProgram(name: ProxyName): string | undefined {
  return findProgram(name, PLACES)
}

/** Starts a proxy with the documented file. Only addresses, ports and certificates are replaced. */
export async function startProxy(name: ProxyName, backspaceUrl: string): Promise<RunningProxy> {
  const directory = await mkdtemp(join(tmpdir(), `backspace-${name}-`))
  const port = await freePort()
  const documented = await readFile(join(import.meta.dirname, '../../deploy', FILES[name]), 'utf8')
  const ours = documented.replaceAll('127.0.0.1:3000', new URL(backspaceUrl).host)
  const file = join(directory, 'config')
  await writeFile(file, (name === 'nginx' ? nginxConfig : caddyConfig)(ours, { port, directory }))
  const args =
    name === 'nginx'
      ? ['-c', file, '-p', directory, '-e', 'stderr']
      : ['run', '--config', file, '--adapter', 'caddyfile']
  const child = spawn(proxyProgram(name) ?? name, args, {
    env: { HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = outputOf(child)
  const url = `http://127.0.0.1:${port}`
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended:\n${output()}`)
    return await fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )
  })
  return {
    url,
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      await rm(directory, { recursive: true, force: true })
    },
  }
}

interface Place {
  readonly port: number
  readonly directory: string
}

/** The file is a part of nginx's own. It has a server for TLS, which becomes the one for the test, and one that redirects. */
function nginxConfig(documented: string, { port, directory }: Place): string {
  const site = documented
    .replace('listen 443 ssl http2;', `listen 127.0.0.1:${port};`)
    .replace(/^ *(listen \[::\]|listen 80|ssl_).*$/gm, '')
    .replace(/\nserver \{\n *\n* *server_name [^}]*return 301[^}]*\}\n/, '\n')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path ${directory}/${each};`,
  )
  return [
    'daemon off; master_process off; error_log stderr;',
    `pid ${directory}/pid; events {}`,
    `http { access_log off; ${temporary.join(' ')}`,
    site,
    '}',
  ].join('\n')
}

function caddyConfig(documented: string, { port }: Place): string {
  return documented
    .replace('grace_period', 'admin off\n\tgrace_period')
    .replace(/^backspace\.example \{/m, `http://127.0.0.1:${port} {`)
}

function outputOf({ stdout, stderr }: ChildProcess): () => string {
  let output = ''
  for (const stream of [stdout, stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8')
    })
  }
  return () => output
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
