import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { checkWork } from './check-work.ts'
import type { TaskRecord } from './contestant.ts'
import type { Dialect } from './dialect.ts'
import { startMeteredServer } from './metered-server.ts'
import { endedChildrenSeconds, watchProcessTree } from './process-tree.ts'
import { scriptFor } from './script-for.ts'
import { taskFiles } from './task.ts'

const PATIENCE_MS = 120_000

/** A command-line agent, and how to start it. */
export interface Client {
  readonly command: string
  readonly dialect: Dialect
  readonly args: (origin: string) => readonly string[]
  readonly env: (origin: string) => Readonly<Record<string, string>>
}

/** Runs a command-line agent on a fresh clone, with a home of its own and no way out but loopback. */
export async function runClient(client: Client): Promise<TaskRecord> {
  const root = await mkdtemp(join(tmpdir(), 'backspace-bench-'))
  const workspace = join(root, 'workspace')
  const home = join(root, 'home')
  await mkdir(home, { recursive: true })
  await makeRepository(workspace)
  const server = await startMeteredServer(scriptFor(client.dialect, workspace))
  try {
    const used = await runToEnd(client, { origin: server.origin, workspace, home })
    await checkWork(server.requests, (path) => readFile(join(workspace, path), 'utf8'))
    return { requests: server.requests, ...used }
  } finally {
    await server.close()
    await rm(root, { recursive: true, force: true })
  }
}

async function makeRepository(directory: string): Promise<void> {
  for (const [path, text] of Object.entries(taskFiles())) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost']
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '.'],
    [...who, 'commit', '-qm', 'Begin'],
  ]) {
    await promisify(execFile)('git', args, { cwd: directory })
  }
}

async function runToEnd(
  { command, args, env }: Client,
  { origin, workspace, home }: { readonly origin: string; readonly workspace: string; readonly home: string },
): Promise<Omit<TaskRecord, 'requests'>> {
  const startedAt = performance.now()
  const cpuBefore = endedChildrenSeconds()
  const child = spawn(command, args(origin), {
    cwd: workspace,
    env: { PATH: process.env.PATH ?? '', HOME: home, ...LOOPBACK_ONLY, ...env(origin) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const tree = watchProcessTree(child.pid ?? 0)
  const tooLong = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = `${output}${chunk.toString('utf8')}`.slice(-4000)
    })
  }
  const [code] = await once(child, 'close').finally(() => clearTimeout(tooLong))
  const peakMb = tree.stop()
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}`)
  return {
    cpuSeconds: endedChildrenSeconds() - cpuBefore,
    peakMb,
    seconds: (performance.now() - startedAt) / 1000,
  }
}

/** Nothing listens on the port of this proxy. */
const LOOPBACK_ONLY = {
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NO_PROXY: '127.0.0.1,localhost',
}
