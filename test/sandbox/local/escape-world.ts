import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'

/** What no box may ever print. */
export const CANARY = 'canary-of-the-host'

/** A box, and things of the host around it that its code would like to have. */
export interface EscapeWorld {
  readonly sandbox: Sandbox
  /** A directory of the host with a file `secret` that every user may read. */
  readonly outside: string
  /** Where the box sees an installation that has a key and data of the service inside. */
  readonly tool: string
  /** Output of a command that may fail. */
  attempt(
    command: string,
    env?: Readonly<Record<string, string>>,
  ): Promise<{ readonly ok: boolean; readonly text: string }>
  /** Content of `outside/secret`, as the host sees it. */
  secret(): string
  close(): Promise<void>
}

/** Listens on an abstract socket `\0<outside>` and on `outside/host.sock`. */
export async function startEscapeWorld(): Promise<EscapeWorld> {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), 'outside-')))
  chmodSync(outside, 0o755)
  writeFileSync(join(outside, 'secret'), CANARY, { mode: 0o666 })
  const tool = join(outside, '.asdf/installs/tool/1')
  for (const part of ['bin', 'lib/data', 'etc', 'share']) mkdirSync(join(tool, part), { recursive: true })
  for (const file of ['.env', 'app.pem', 'etc/npmrc', 'bin/.env', 'lib/data/db', 'lib/key.pem']) {
    writeFileSync(join(tool, file), CANARY, { mode: 0o644 })
  }
  writeFileSync(join(tool, 'bin/tool'), '#!/bin/sh\necho tool\n', { mode: 0o755 })
  symlinkSync(join(outside, 'secret'), join(tool, 'share/secret'))
  symlinkSync('../app.pem', join(tool, 'share/app.pem'))
  symlinkSync(outside, join(tool, 'include'))

  const servers = await Promise.all([`\0${outside}`, join(outside, 'host.sock')].map(listen))
  const provider = createLocalSandboxProvider({
    deployment: 'escape',
    mode: 'bubblewrap',
    path: `${join(tool, 'bin')}:${process.env.PATH}`,
    own: [join(tool, 'lib/data'), join(tool, 'lib/key.pem')],
  })
  const sandbox = await provider.create({
    runId: 'r',
    timeoutMs: 120_000,
    egress: { allowHosts: ['a.example.org'] },
  })
  return {
    sandbox,
    outside,
    tool: '/backspace/tools/0',
    async attempt(command, env = {}) {
      const { exitCode, stdout, stderr } = await sandbox.exec(command, {
        shell: 'agent',
        timeoutMs: 20_000,
        env,
      })
      return { ok: exitCode === 0, text: stdout + stderr }
    },
    secret: () => readFileSync(join(outside, 'secret'), 'utf8'),
    async close() {
      await sandbox.kill()
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
      rmSync(outside, { recursive: true, force: true })
    },
  }
}

async function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}).end(CANARY))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return server
}
