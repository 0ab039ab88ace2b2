import { existsSync, readlinkSync } from 'node:fs'
import { E2B, type Sandbox } from 'e2b'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startE2b } from './start-e2b.ts'

/**
 * What envd 0.6.13 was seen to answer. With `E2B_CONTRACT_URL` these tests ask the service there, which is how they were
 * checked with a real envd.
 */
const { E2B_CONTRACT_URL } = process.env
const KEY = 'e2b_answers_key'
let end = () => Promise.resolve()
let client: E2B
let sandbox: Sandbox
let url = E2B_CONTRACT_URL ?? ''
let home: string

beforeAll(async () => {
  if (!E2B_CONTRACT_URL) {
    const e2b = await startE2b({ apiKey: KEY, maxHours: 24 })
    url = e2b.url
    end = e2b.close
  }
  client = new E2B({ apiKey: KEY, apiUrl: url, sandboxUrl: url, debug: false })
  sandbox = await client.Sandbox.create('base', { envs: { OF_ALL: 'given' } })
  home = (await sandbox.files.getInfo('~')).path
})
afterAll(async () => {
  await sandbox?.kill()
  await end()
})

const run = async (command: string, options = {}) =>
  (await sandbox.commands.run(command, options)).stdout.trim()

async function ask(path: string, init: RequestInit & { readonly token?: string } = {}) {
  const { token = String(Reflect.get(sandbox, 'envdAccessToken')), ...rest } = init
  const headers = new Headers({
    'e2b-sandbox-id': sandbox.sandboxId,
    ...(token ? { 'x-access-token': token } : {}),
  })
  for (const [name, value] of Object.entries(rest.headers ?? {})) headers.set(name, value)
  const response = await fetch(url + path, { ...rest, headers })
  return { status: response.status, text: (await response.text()).trim() }
}

const call = (name: string, message: object, headers = {}) =>
  ask(`/${name}`, {
    method: 'POST',
    body: JSON.stringify(message),
    headers: { 'content-type': 'application/json', 'connect-protocol-version': '1', ...headers },
  })

test('a command has the environment of the sandbox, of its user, and nothing on stdin', async () => {
  expect(await run('echo $OF_ALL $LOGNAME $USER $HOME $E2B_TEMPLATE_ID $E2B_SANDBOX_ID')).toBe(
    `given user user ${home} base ${sandbox.sandboxId}`,
  )
  expect(await run('pwd; readlink /proc/self/fd/0')).toBe(`${home}\n/dev/null`)
})

test('a command is run by a login shell, with what its user wrote to both profiles', async () => {
  const before = await sandbox.files.read('.profile')
  await sandbox.files.write('.profile', `${before}\nforged() { echo from the profile; }\n`)
  await sandbox.files.write('.bashrc', 'export RC=yes\n')
  expect(await run('forged; echo $RC; command -v bash')).toMatch(/^from the profile\nyes\n\/.*bash$/)
  await sandbox.files.write('.profile', before)
})

test('pids, /tmp and files are its own, and commands are another user than the files’ daemon', async () => {
  const ours = existsSync('/proc/self/ns/pid') ? readlinkSync('/proc/self/ns/pid') : ''
  const space = await run('readlink /proc/self/ns/pid || :')
  if (ours === '' || space === '' || ours === space) return // No namespaces here: the next line would end the host.
  const sleeper = await sandbox.commands.run('exec sleep 60', { background: true })
  expect(await run('kill -9 -1; echo done')).toBe('done')
  await expect(sleeper.wait()).rejects.toMatchObject({ exitCode: -1, error: 'signal: killed' })
  expect(await run('echo lives; cat /proc/$$/oom_score_adj')).toBe('lives\n100')
  await sandbox.files.write('/tmp/of-the-sandbox', 'x')
  expect([await run('cat /tmp/of-the-sandbox'), existsSync('/tmp/of-the-sandbox')]).toEqual(['x', false])
  if (process.getuid?.() !== 0) return
  await sandbox.files.write('/etc/of-the-sandbox', 'x')
  expect([await run('cat /etc/of-the-sandbox; id -u'), existsSync('/etc/of-the-sandbox')]).toEqual([
    'x1000',
    false,
  ])
  expect(
    await run('mkdir -m 700 shut; echo s >shut/f; chmod 400 shut/f; touch /etc/mine 2>/dev/null || echo no'),
  ).toBe('no')
  expect(await sandbox.files.read('shut/f')).toBe('s\n')
  expect(await sandbox.files.getInfo('shut/f')).toMatchObject({
    owner: 'user',
    group: 'user',
    permissions: '-r--------',
  })
  expect(await run('id -un; cd ~', { user: 'root' })).toBe('root')
})

test('odd files: a pipe is waited for, and the rest fails with a text', async () => {
  await run('mkfifo fifo; ln -s loop loop; echo x >file; ln -s file link')
  await expect(sandbox.files.read('fifo', { requestTimeoutMs: 100 })).rejects.toThrow()
  const failure = (code: number, message: string) => ({
    status: code,
    text: JSON.stringify({ code, message }),
  })
  const read = (path: string) => ask(`/files?path=${path}`)
  const why = `error checking if path exists '${home}`
  expect(await read('loop')).toEqual(
    failure(500, `${why}/loop': stat ${home}/loop: too many levels of symbolic links`),
  )
  expect(await read('file/x')).toEqual(failure(500, `${why}/file/x': stat ${home}/file/x: not a directory`))
  expect(await read('nope')).toEqual(failure(404, `path '${home}/nope' does not exist`))
  expect(await read('')).toEqual(failure(400, `path '${home}' is a directory`))
  expect(await read('~x/y')).toEqual(
    failure(
      400,
      "error expanding and resolving path '~x/y': failed to expand path '' for user 'user': cannot expand user-specific home dir",
    ),
  )
  expect(await read('/dev/null')).toEqual({ status: 200, text: '' })
  const write = (path: string) =>
    ask(`/files?path=${path}`, {
      method: 'POST',
      body: 'x',
      headers: { 'content-type': 'application/octet-stream' },
    })
  expect(await write('file/x')).toEqual(
    failure(500, `error ensuring directories: path is a file: ${home}/file`),
  )
  expect(await write('.')).toEqual(failure(400, `path is a directory: ${home}`))
  expect(await write('/dev/full')).toEqual(
    failure(507, 'attempted to write 1 bytes: not enough disk space available'),
  )
  expect(await sandbox.files.write('deep/er', 'x')).toMatchObject({ path: `${home}/deep/er` })
})

test('entries have absolute paths, permissions and targets of links', async () => {
  await run('mkdir -p listed/sub; echo x >listed/f; chmod 640 listed/f; ln -s f listed/l; ln -s listed via')
  const entries = await sandbox.files.list('via', { depth: 2 })
  expect(entries).toMatchObject([
    { path: `${home}/via/f`, type: 'file', size: 2, permissions: '-rw-r-----', mode: 0o640 },
    { path: `${home}/via/l`, type: 'file', permissions: 'Lrwxrwxrwx', symlinkTarget: `${home}/listed/f` },
    { path: `${home}/via/sub`, type: 'dir', permissions: 'drwxr-xr-x' },
  ])
  await sandbox.files.rename('listed/f', 'new/parents/f')
  expect(await sandbox.files.exists('new/parents/f')).toBe(true)
  const refused = await call('filesystem.Filesystem/MakeDir', { path: 'new/parents/f' })
  expect(refused.status).toBe(400)
  expect(refused.text).toContain(`path already exists but it is not a directory: ${home}/new/parents/f`)
})

test('how a command ended is known for a while, also to those who come late', async () => {
  const handle = await sandbox.commands.run('exit 4', { background: true })
  await expect(handle.wait()).rejects.toMatchObject({ exitCode: 4 })
  const late = await sandbox.commands.connect(handle.pid)
  await expect(late.wait()).rejects.toMatchObject({ exitCode: 4, error: 'exit status 4' })
  expect(await sandbox.commands.kill(handle.pid)).toBe(false)
})

test('a signal ends the report of a command although a child holds its output', async () => {
  const handle = await sandbox.commands.run('sleep 61 & echo up; wait', { background: true })
  const message = { process: { pid: handle.pid }, signal: 'SIGNAL_SIGTERM' }
  expect(await call('process.Process/SendSignal', message)).toEqual({ status: 200, text: '{}' })
  await expect(handle.wait()).rejects.toMatchObject({ exitCode: -1, error: 'signal: terminated' })
  await run('pkill -x sleep || :')
})

test('what cannot be done is refused with envd’s code and text', async () => {
  const handle = await sandbox.commands.run('sleep 62', { background: true })
  const input = { process: { pid: handle.pid }, input: { stdin: 'eA==' } }
  expect(await call('process.Process/SendInput', input)).toMatchObject({
    status: 500,
    text: expect.stringContaining('error writing to stdin: stdin not enabled or closed'),
  })
  await handle.kill()
  const stranger = { authorization: `Basic ${btoa('stranger:')}` }
  expect(await call('filesystem.Filesystem/Stat', { path: '/' }, stranger)).toMatchObject({
    status: 401,
    text: expect.stringContaining("invalid username: 'stranger'"),
  })
  expect(await ask('/files?path=x&username=stranger')).toMatchObject({
    status: 401,
    text: expect.stringContaining("error looking up user 'stranger': user: unknown user stranger"),
  })
  expect((await ask('/files?path=x', { token: '' })).text).toContain('missing signature query parameter')
  expect((await ask('/files?path=x', { token: 'other' })).text).toContain(
    'present in header but does not match',
  )
  await expect(run('pwd', { cwd: 'nowhere' })).rejects.toThrow(`cwd '${home}/nowhere' does not exist`)
  await sandbox.files.write('plain', '')
  await expect(run('pwd', { cwd: 'plain' })).rejects.toThrow(
    "error starting process '/bin/bash -l -c pwd': fork/exec /bin/sh: not a directory",
  )
  expect(await run('pwd', { cwd: '~' })).toBe(home)
})

test('a silent command keeps its stream alive', async () => {
  const body = Buffer.from(JSON.stringify({ process: { cmd: '/bin/sleep', args: ['1.5'] }, stdin: false }))
  const head = Buffer.alloc(5)
  head.writeUInt32BE(body.length, 1)
  const { text } = await ask('/process.Process/Start', {
    method: 'POST',
    body: Buffer.concat([head, body]),
    headers: { 'content-type': 'application/connect+json', 'keepalive-ping-interval': '1' },
  })
  expect(text).toContain('{"event":{"keepalive":{}}}')
})

test('a snapshot has the files, outlives its sandbox, and is listed and deleted', async () => {
  const source = await client.Sandbox.create('base')
  await source.files.write('kept/file', 'x')
  await source.commands.run('echo changed >.bashrc; chmod 640 kept/file')
  const { snapshotId } = await source.createSnapshot({ name: 'cache-1' })
  await source.files.write('kept/file', 'later')
  await source.kill()
  const copy = await client.Sandbox.create(snapshotId)
  expect(
    (await copy.commands.run('cat kept/file; stat -c %a kept/file; [ -O kept/file ]; echo $?')).stdout,
  ).toBe('x640\n0\n')
  const listed = await client.Sandbox.listSnapshots().nextItems()
  expect(listed.map((snapshot) => snapshot.snapshotId)).toContain(snapshotId)
  expect(await client.Sandbox.deleteSnapshot(snapshotId)).toBe(true)
  expect(await client.Sandbox.deleteSnapshot(snapshotId)).toBe(false)
  await expect(client.Sandbox.create(snapshotId)).rejects.toMatchObject({ statusCode: 404 })
  expect((await copy.commands.run('cat kept/file')).stdout).toBe('x')
  await copy.pause()
  expect(await copy.isRunning()).toBe(false)
  await copy.connect()
  expect((await copy.commands.run('cat kept/file')).stdout).toBe('x')
  await copy.kill()
})
