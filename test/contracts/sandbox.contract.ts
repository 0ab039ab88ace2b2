import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type ExecOptions,
  type Sandbox,
  SandboxError,
  type SandboxProvider,
} from '../../src/sandbox/sandbox.ts'
import { commandContract, putFile } from './sandbox-commands.contract.ts'
import { fileContract } from './sandbox-files.contract.ts'
import { forwardContract } from './sandbox-forward.contract.ts'
import { shellContract } from './sandbox-shells.contract.ts'

/** What one implementation can do, and how to get at it. */
export interface SandboxContractSubject {
  readonly name: string
  /** Why it cannot be tried on this machine; undefined when it can. */
  readonly missing: string | undefined
  /** Whether it keeps code away from the host's files and from the network. */
  readonly confines: boolean
  start(): Promise<{ readonly provider: SandboxProvider; close(): Promise<void> }>
}

export const DEPLOYMENT = 'contract'

/** What every implementation of `Sandbox` and `SandboxProvider` must do. */
export function sandboxContract(subject: SandboxContractSubject): void {
  const title =
    subject.missing === undefined ? subject.name : `${subject.name} (left out: ${subject.missing})`
  describe.skipIf(subject.missing !== undefined)(title, () => {
    let provider: SandboxProvider
    let close: () => Promise<void>
    let sandbox: Sandbox
    const own = (number: number) => `${number}.${process.pid}`
    const create = (runId = 'run-1') =>
      provider.create({ runId, timeoutMs: 600_000, egress: { allowHosts: [] } })
    const exec = (command: string, options?: ExecOptions) => sandbox.exec(command, options)
    /** How many of the sleepers run, by a number that no other test on this machine uses. */
    const sleepers = async (...numbers: readonly string[]) => {
      // A bare machine has no `ps`; a Mac has no `/proc`.
      const list =
        "[ -d /proc/1 ] && for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done || ps axo args"
      const { stdout } = await exec(`(${list}) 2>/dev/null`)
      return stdout.split('\n').filter((line) => numbers.includes(line.trim().replace(/^sleep /, ''))).length
    }

    beforeAll(async () => {
      const started = await subject.start()
      provider = started.provider
      close = started.close
      sandbox = await create()
    })
    afterAll(async () => {
      await sandbox?.kill()
      await close?.()
    })

    commandContract({ exec, sandbox: () => sandbox, own, sleepers })
    shellContract({ exec, sandbox: () => sandbox })
    fileContract({ exec, sandbox: () => sandbox })
    forwardContract({ sandbox: () => sandbox, provider: () => provider, confines: subject.confines })

    test('a file comes back byte for byte, in directories that were not there', async () => {
      const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256)
      const path = `${sandbox.home}/new/deep/ü ' file.bin`
      await sandbox.writeFile(path, bytes)
      expect(Buffer.compare(await sandbox.readFile(path), bytes)).toBe(0)
      expect((await exec('wc -c <"$F"', { env: { F: path } })).stdout.trim()).toBe('300000')
    })

    test('an empty file is a file', async () => {
      await sandbox.writeFile(`${sandbox.home}/empty`, new Uint8Array())
      expect(await sandbox.readFile(`${sandbox.home}/empty`)).toHaveLength(0)
    })

    test('a missing file and a directory say so', async () => {
      const missing = sandbox.readFile(`${sandbox.home}/not/here`)
      await expect(missing).rejects.toBeInstanceOf(SandboxError)
      await expect(missing).rejects.toMatchObject({ class: 'path_not_found' })
      await expect(missing).rejects.toThrow('not/here')
      await exec('mkdir -p directory')
      const directory = sandbox.readFile(`${sandbox.home}/directory`)
      await expect(directory).rejects.toMatchObject({ class: 'path_not_found' })
    })

    test('a path is found and read at one go, wherever its links lead', async () => {
      const cwd = `${sandbox.home}/place`
      await sandbox.writeFile(`${cwd}/sub/a.bin`, Uint8Array.from([0, 255, 10]))
      await exec('chmod +x sub/a.bin && ln -s sub l && ln -s ../l/a.bin sub/up && ln -s none/x gone', { cwd })
      await exec('ln -s loop loop && head -c 300000 /dev/zero >big && echo out >../out && mkfifo fifo', {
        cwd,
      })
      const root = (await exec('pwd -P', { cwd })).stdout.trim()
      const see = (path: string, maxBytes = 1000) => sandbox.inspect(path, { cwd, maxBytes })
      const file = { root, path: `${root}/sub/a.bin`, kind: 'file', size: 3, executable: true }
      for (const path of ['sub/a.bin', 'l/../sub/./up', `${cwd}/l/a.bin`]) {
        const { bytes, ...facts } = await see(path)
        expect(facts).toEqual(file)
        expect([...(bytes ?? [])]).toEqual([0, 255, 10])
      }
      expect(await see('sub/a.bin', 2)).toEqual(file)
      expect((await see('big', 300_000)).bytes).toHaveLength(300_000)
      const other = { root, size: 0, executable: false }
      expect(await see('gone')).toEqual({ ...other, path: `${root}/none/x`, kind: 'missing' })
      expect(await see('sub/a.bin/b')).toEqual({ ...other, path: `${root}/sub/a.bin/b`, kind: 'missing' })
      expect(await see('.')).toEqual({ ...other, path: root, kind: 'directory' })
      expect(await see('fifo')).toEqual({ ...other, path: `${root}/fifo`, kind: 'other' })
      const outside = await see('../out')
      expect(outside).toEqual({ ...file, path: outside.path, size: 4, executable: false })
      expect((await see('loop')).kind).toBe('missing')
      await exec(`rm -r ${cwd}`)
    })

    test('git works', async () => {
      const commit =
        'git init -q r && cd r && echo a >a && git add a && git -c user.name=n -c user.email=e commit -qm m'
      expect(await exec(`${commit} && git log --format=%s`)).toMatchObject({ exitCode: 0, stdout: 'm\n' })
    })

    test('another egress policy leaves the files', async () => {
      await exec('echo kept >kept')
      await sandbox.setEgress({ allowHosts: ['registry.npmjs.org', '*.example.org'] })
      expect((await exec('cat kept')).stdout).toBe('kept\n')
      await sandbox.setEgress({ allowHosts: [] })
      expect((await exec('cat kept')).stdout).toBe('kept\n')
    })

    test('a sandbox is found again by its id and by its deployment', async () => {
      expect((await (await provider.attach(sandbox.id)).exec('cat kept')).stdout).toBe('kept\n')
      const listed = await provider.list({ deployment: DEPLOYMENT })
      expect(listed).toContainEqual({ id: sandbox.id, runId: 'run-1', startedAt: expect.any(Date) })
      expect(await provider.list({ deployment: 'another' })).toEqual([])
    })

    test('extending a sandbox leaves it alive', async () => {
      await sandbox.extend(1000)
      await sandbox.extend(180_000)
      expect((await exec('echo alive')).stdout).toBe('alive\n')
    })

    test('a sandbox is ended by its id, and one that is not there is no failure', async () => {
      const doomed = await create('run-2')
      await provider.kill(doomed.id)
      await provider.kill(doomed.id)
      await expect(doomed.exec('true')).rejects.toMatchObject({ class: 'gone' })
    })

    test('a caller that has left gets no sandbox', async () => {
      const reason = new Error('left')
      const request = { runId: 'run-4', timeoutMs: 600_000, egress: { allowHosts: [] } }
      await expect(provider.create({ ...request, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      const listed = await provider.list({ deployment: DEPLOYMENT })
      expect(listed.map(({ runId }) => runId)).not.toContain('run-4')
    })

    test('two sandboxes share neither files nor names', async () => {
      const other = await create('run-2')
      await exec('echo mine >mine')
      expect((await other.exec('cat mine')).exitCode).not.toBe(0)
      expect(other.id).not.toBe(sandbox.id)
      await other.kill()
    })

    if (subject.confines) {
      test('a link that leads out of the sandbox finds nothing of the host', async () => {
        await exec('ln -sf /etc/hostname out')
        await expect(sandbox.readFile(`${sandbox.home}/out`)).rejects.toMatchObject({
          class: 'path_not_found',
        })
      })

      test('without allowed hosts there is no network', async () => {
        const script = `fetch('http://1.1.1.1').then(() => console.log('out'), (e) => console.log(e.cause.code))`
        await putFile(sandbox, 'reach.js', script)
        expect((await exec('node reach.js')).stdout).toMatch(/ENETUNREACH|EACCES|ECONNREFUSED/)
      })
    }

    test('a sandbox that was ended is gone, with all that ran in it', async () => {
      const doomed = await create('run-3')
      await doomed.exec(`sleep ${own(4719)} >/dev/null 2>&1 &`)
      const running = doomed.exec(`sleep ${own(4720)}`)
      running.catch(() => {})
      await doomed.kill()
      await doomed.kill()
      await expect(running).rejects.toMatchObject({ class: 'gone' })
      await expect(doomed.exec('true')).rejects.toMatchObject({ class: 'gone' })
      await expect(doomed.readFile(`${doomed.home}/x`)).rejects.toMatchObject({ class: 'gone' })
      await expect(provider.attach(doomed.id)).rejects.toMatchObject({ class: 'gone' })
      expect(await sleepers(own(4719), own(4720))).toBe(0)
    })
  })
}
