import { execFile } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { isOpenToAll } from '../../../src/sandbox/local/host-user.ts'
import { findProgram, probeLocalSandbox } from '../../../src/sandbox/local/probe-local-sandbox.ts'

const probe = await probeLocalSandbox()
const SOURCE = new URL('../../../src/sandbox/local/local-sandbox.ts', import.meta.url)
const isRoot = process.geteuid?.() === 0

async function whyNot(): Promise<string> {
  if (!probe.available) return ` (${probe.message})`
  if (!isRoot) return ''
  if (findProgram('setpriv') === undefined) return ' (not installed: setpriv)'
  return (await isOpenToAll(SOURCE.pathname)) && (await isOpenToAll(process.execPath))
    ? ''
    : ' (other users cannot read this directory)'
}
const missing = await whyNot()
/** The service of the test, if the tests themselves are root. */
const USER = 64_321

/** Runs a program as a user who is not root. @returns what it printed. */
async function runAsUser(script: string, temporary: string): Promise<string> {
  const node = [process.execPath, '--input-type=module', '-e', script]
  const [program = '', ...args] = isRoot
    ? ['setpriv', '--reuid', String(USER), '--regid', String(USER), '--clear-groups', ...node]
    : node
  const env = { PATH: process.env.PATH, TMPDIR: temporary }
  const { stdout } = await promisify(execFile)(program, args, { cwd: '/', env })
  return stdout
}

/** The box of an ordinary user has the same user on the host, so the kernel lets it read that user's private files. */
test.skipIf(missing !== '')(
  `a box sees no private file of the user that runs the service${missing}`,
  async () => {
    const base = realpathSync(mkdtempSync(join(tmpdir(), 'user-')))
    onTestFinished(() => rmSync(base, { recursive: true }))
    const tool = join(base, '.asdf/installs/app/1')
    for (const part of ['bin', 'lib/private']) mkdirSync(join(tool, part), { recursive: true })
    const files: [string, number][] = [
      ['bin/app', 0o755],
      ['bin/key.pem', 0o600],
      ['lib/token', 0o640],
      ['lib/private/x', 0o644],
      ['lib/open', 0o644],
      ['.env', 0o600],
    ]
    for (const [file, mode] of files) writeFileSync(join(tool, file), `text of ${file}\n`, { mode })
    chmodSync(join(tool, 'lib/private'), 0o700)
    if (isRoot) {
      for (const path of [
        base,
        tool,
        ...['lib', 'lib/private', ...files.map(([file]) => file)].map((name) => join(tool, name)),
      ]) {
        chownSync(path, USER, USER)
      }
    }
    const script = `
    import { createLocalSandboxProvider } from ${JSON.stringify(SOURCE.href)}
    const options = { deployment: 'd', mode: 'bubblewrap', path: ${JSON.stringify(join(tool, 'bin'))} }
    const sandbox = await createLocalSandboxProvider(options).create({ runId: 'r', timeoutMs: 600000, egress: { allowHosts: [] } })
    const shown = await sandbox.exec('cd /backspace/tools/0; cat bin/app bin/key.pem lib/token lib/private/x lib/open .env ${tool}/.env')
    const shut = await sandbox.exec('mkdir -p a/b && chmod 000 a/b a; touch ~/x', { shell: 'agent' })
    await sandbox.kill()
    console.log(JSON.stringify([shown.stdout, shut.exitCode]))`
    const stdout = await runAsUser(script, base)
    expect(JSON.parse(stdout)).toEqual(['text of bin/app\ntext of lib/open\n', 0])
  },
)

test.skipIf(missing !== '')(
  `an ordinary user's boxes begin with a snapshot, and change only their own files${missing}`,
  async () => {
    const base = realpathSync(mkdtempSync(join(tmpdir(), 'user-')))
    onTestFinished(() => rmSync(base, { recursive: true }))
    if (isRoot) chownSync(base, USER, USER)
    const script = `
    import { createLocalSandboxProvider } from ${JSON.stringify(SOURCE.href)}
    const snapshots = { directory: ${JSON.stringify(join(base, 'kept'))}, maxBytes: 1e8 }
    const provider = createLocalSandboxProvider({ deployment: 'd', mode: 'bubblewrap', snapshots })
    const create = (snapshotId) => provider.create({ runId: 'r', timeoutMs: 600000, egress: { allowHosts: [] }, snapshotId })
    const first = await create()
    await first.exec('mkdir a; echo one >a/file')
    const { signal } = new AbortController()
    const { id } = await provider.snapshots.take(first.id, { name: 'k', signal })
    const said = []
    for (const word of ['two', 'three']) {
      const box = await create(id)
      said.push((await box.exec('cat a/file; echo ' + word + ' >a/file; cat a/file; stat -c %U a/file')).stdout)
      await box.kill()
    }
    await first.kill()
    await provider.snapshots.remove(id)
    console.log(JSON.stringify([said, await provider.snapshots.list()]))`
    const [said, left] = JSON.parse(await runAsUser(script, base))
    expect(said).toEqual(['one\ntwo\nuser\n', 'one\nthree\nuser\n'])
    expect(left).toEqual([])
  },
)
