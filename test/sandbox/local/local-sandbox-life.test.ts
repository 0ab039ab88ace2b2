import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { probeLocalSandbox } from '../../../src/sandbox/local/probe-local-sandbox.ts'

const probe = await probeLocalSandbox()
const modes = [
  { mode: 'unconfined', missing: undefined },
  { mode: 'bubblewrap', missing: probe.available ? undefined : probe.message },
] as const

describe.for(modes)('a local sandbox ($mode)', ({ mode, missing }) => {
  const withBase = async (use: (baseDir: string) => Promise<void>) => {
    const baseDir = await mkdtemp(join(tmpdir(), 'sandbox-life-'))
    try {
      await mkdir(join(baseDir, 'boxes'), { mode: 0o755 })
      await chmod(baseDir, 0o711) // Boxes of root run as another user, who must be able to enter this directory.
      await use(join(baseDir, 'boxes'))
    } finally {
      await rm(baseDir, { recursive: true, force: true })
    }
  }

  test.skipIf(missing !== undefined)('leaves nothing on the disk when it ends', () =>
    withBase(async (baseDir) => {
      const provider = createLocalSandboxProvider({ deployment: 'd', mode, baseDir })
      const sandbox = await provider.create({ runId: 'r', timeoutMs: 600_000, egress: { allowHosts: [] } })
      await sandbox.exec('mkdir -p shut/in && touch shut/in/x && chmod 000 shut')
      expect(await readdir(baseDir)).toHaveLength(1)
      await sandbox.kill()
      expect(await readdir(baseDir)).toEqual([])
    }),
  )

  // Where there is no /proc to find pipes by, commands do with two helpers.
  test.skipIf(missing !== undefined || process.platform !== 'linux')(
    'starts nothing but the command',
    async () => {
      const provider = createLocalSandboxProvider({ deployment: 'd', mode })
      const sandbox = await provider.create({ runId: 'r', timeoutMs: 600_000, egress: { allowHosts: [] } })
      const askForChildren = async () =>
        (await sandbox.exec('read -r ids </proc/$$/task/$$/children; echo "[$ids]"; ls -A')).stdout
      // Pipes are made beside the first commands.
      while ((await askForChildren()) !== '[]\n');
      for (let count = 0; count < 40; count++) await sandbox.exec('true')
      while ((await askForChildren()) !== '[]\n');
      await sandbox.kill()
    },
  )

  test.skipIf(missing !== undefined)('ends when it is not extended', () =>
    withBase(async (baseDir) => {
      const provider = createLocalSandboxProvider({ deployment: 'd', mode, baseDir })
      const sandbox = await provider.create({ runId: 'r', timeoutMs: 300, egress: { allowHosts: [] } })
      await expect(sandbox.exec('sleep 60')).rejects.toMatchObject({ class: 'gone' })
      expect(await provider.list({ deployment: 'd' })).toEqual([])
    }),
  )

  test.skipIf(missing !== undefined)('is gone, and says so, when its code kills what serves it', () =>
    withBase(async (baseDir) => {
      const provider = createLocalSandboxProvider({ deployment: 'd', mode, baseDir })
      const sandbox = await provider.create({ runId: 'r', timeoutMs: 600_000, egress: { allowHosts: [] } })
      await expect(sandbox.exec('kill -9 $PPID; sleep 60')).rejects.toMatchObject({ class: 'gone' })
      await expect(provider.attach(sandbox.id)).rejects.toMatchObject({ class: 'gone' })
    }),
  )

  test.skipIf(missing !== undefined)('dies with the process that made it, and the next one tidies up', () =>
    withBase(async (baseDir) => {
      // Longer than a test may take: one that ends has been killed.
      const mark = `637.${process.pid}`
      const source = new URL('../../../src/sandbox/local/local-sandbox.ts', import.meta.url).href
      const script = `
        import { createLocalSandboxProvider } from ${JSON.stringify(source)}
        const provider = createLocalSandboxProvider(${JSON.stringify({ deployment: 'd', mode, baseDir })})
        const sandbox = await provider.create({ runId: 'r', timeoutMs: 600000, egress: { allowHosts: [] } })
        await sandbox.exec('setsid sleep ${mark} >/dev/null 2>&1 & sleep ${mark} & echo up', { onStdout: () => console.log('up') })`
      const host = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await new Promise((resolve) => host.stdout.once('data', resolve))
      const gone = new Promise((resolve) => host.once('exit', resolve))
      host.kill('SIGKILL')
      await gone
      await expect.poll(() => countSleepers(mark)).toBe(0)
      expect(await readdir(baseDir)).toHaveLength(1)

      const provider = createLocalSandboxProvider({ deployment: 'd', mode, baseDir })
      await expect.poll(() => readdir(baseDir)).toEqual([]) // At its start.
      const sandbox = await provider.create({ runId: 'r', timeoutMs: 600_000, egress: { allowHosts: [] } })
      expect(await readdir(baseDir)).toHaveLength(1)
      await sandbox.kill()
      expect(await readdir(baseDir)).toEqual([])
    }),
  )
})

/** Processes of the whole machine that run `sleep <mark>`. */
function countSleepers(mark: string): number {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && readArguments(pid) === `sleep\0${mark}\0`)
    .length
}

function readArguments(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
