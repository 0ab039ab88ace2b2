import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { homedir, hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { probeLocalSandbox } from '../../../src/sandbox/local/probe-local-sandbox.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'

const probe = await probeLocalSandbox()

/** Everything here tries to get out, or to learn something about the host. */
describe.skipIf(!probe.available)(probe.available ? 'a local box' : `a local box (${probe.message})`, () => {
  let sandbox: Sandbox
  let secrets: string
  const corePattern = existsSync('/proc/sys/kernel/core_pattern')
    ? readFileSync('/proc/sys/kernel/core_pattern', 'utf8')
    : ''

  beforeAll(async () => {
    secrets = mkdtempSync(join(tmpdir(), 'host-secret-'))
    writeFileSync(join(secrets, 'secret'), 'canary-of-the-host', { mode: 0o644 })
    const provider = createLocalSandboxProvider({
      deployment: 'escape',
      mode: 'bubblewrap',
      path: process.env.PATH,
    })
    sandbox = await provider.create({ runId: 'r', timeoutMs: 600_000, egress: { allowHosts: [] } })
  })
  afterAll(async () => {
    await sandbox?.kill()
    rmSync(secrets, { recursive: true, force: true })
  })

  /** Output of a command that may fail. */
  const attempt = async (command: string) => {
    const { exitCode, stdout, stderr } = await sandbox.exec(command, { shell: 'agent', timeoutMs: 20_000 })
    return { ok: exitCode === 0, text: stdout + stderr }
  }

  test('is not root, holds no capability and can gain none', async () => {
    const { text } = await attempt('id -u; grep -E "^(Cap(Eff|Prm|Bnd|Amb)|NoNewPrivs)" /proc/self/status')
    expect(text.split('\n').filter((line) => line !== '')).toEqual([
      '1000',
      'CapPrm:\t0000000000000000',
      'CapEff:\t0000000000000000',
      'CapBnd:\t0000000000000000',
      'CapAmb:\t0000000000000000',
      'NoNewPrivs:\t1',
    ])
  })

  test('runs as an unprivileged user of the host, even when the host process is root', async () => {
    const mark = `31.${process.pid}`
    const seenIt = new AbortController()
    const running = sandbox.exec(`sleep ${mark}`, { signal: seenIt.signal })
    const seen = async () =>
      execFileSync('ps', ['axo', 'uid=,args=']).toString().match(`(\\d+) sleep ${mark}`)?.[1]
    let uid: string | undefined
    while (uid === undefined) uid = await seen()
    seenIt.abort()
    expect(Number(uid)).not.toBe(0)
    await running
  })

  test('cannot change how the host handles crashes', async () => {
    expect((await attempt('echo "|/tmp/evil" >/proc/sys/kernel/core_pattern')).ok).toBe(false)
    expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(corePattern)
    expect((await attempt('echo 1 >/proc/sysrq-trigger')).ok).toBe(false)
  })

  test('sees nothing of homes, passwords and temporary files of the host', async () => {
    const look = await attempt(`cat /etc/shadow '${secrets}/secret'; ls -A /home /root '${homedir()}' /tmp`)
    expect(look.text).not.toContain('canary-of-the-host')
    expect(look.text).not.toContain('root:$')
    expect((await attempt('ls -A /home')).text).toBe('user\n')
    expect((await attempt('ls -A /tmp')).text).toBe('')
    expect((await attempt('cut -d: -f1 /etc/passwd')).text).toBe('root\nuser\nnobody\n')
  })

  test('knows neither this program’s directory nor the name of the machine', async () => {
    const own = join(import.meta.dirname, '..', '..', '..')
    expect((await attempt(`ls '${own}'`)).ok).toBe(false)
    expect((await attempt('uname -n')).text).toBe('sandbox\n')
    expect((await attempt('cat /proc/*/cmdline /proc/*/environ')).text).not.toContain(own)
    expect((await attempt('cat /etc/hostname /etc/hosts')).text).not.toContain(hostname())
    const look = `require('dns').lookup('x.invalid', ({ code }) => console.log(code))`
    expect((await attempt(`node -e "${look}"`)).text).toBe('ENOTFOUND\n')
  })

  test('finds no environment of the host in any process', async () => {
    const { text } = await attempt("cat /proc/1/environ | tr '\\0' '\\n'")
    expect(text).toBe('')
    const names = Object.keys(process.env).filter((name) => /KEY|TOKEN|SECRET|npm_|VITEST/.test(name))
    const all = (await attempt("cat /proc/[0-9]*/environ | tr '\\0' '\\n'")).text
    expect(names.filter((name) => all.includes(`${name}=`))).toEqual([])
  })

  test('sees and signals only its own processes', async () => {
    const { text } = await attempt('ps axo pid= | wc -l')
    expect(Number(text)).toBeLessThan(20)
    expect((await attempt(`kill -9 ${process.pid}`)).ok).toBe(false)
  })

  test('writes nowhere but at home and to temporary files', async () => {
    for (const path of [
      '/',
      '/usr',
      '/usr/local/bin',
      '/etc',
      '/dev',
      '/backspace',
      '/backspace/agent',
      '/run',
    ]) {
      expect([path, (await attempt(`touch ${path}/evil`)).ok]).toEqual([path, false])
    }
    expect((await attempt('touch ~/fine /tmp/fine /dev/shm/fine')).ok).toBe(true)
  })

  test('cannot mount, make devices or namespaces', async () => {
    expect((await attempt('mount -t tmpfs none /tmp')).ok).toBe(false)
    expect((await attempt('mount -o remount,rw,bind /usr')).ok).toBe(false)
    expect((await attempt('mknod /tmp/disk b 254 0')).ok).toBe(false)
    expect((await attempt('unshare --user true')).ok).toBe(false)
    expect((await attempt('ls /dev/vda /dev/sda /dev/mem /dev/kmsg')).ok).toBe(false)
  })

  test('reaches neither the host’s own servers nor the internet nor a name server', async () => {
    const server = createServer((_request, response) => response.end('canary-of-the-host'))
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const connect = (host: string, to: number) => attempt(`exec 3<>/dev/tcp/${host}/${to} && cat <&3`)
    expect((await connect('127.0.0.1', port)).ok).toBe(false)
    expect((await connect('1.1.1.1', 443)).ok).toBe(false)
    expect((await connect('169.254.169.254', 80)).ok).toBe(false)
    expect((await attempt('getent hosts example.com')).ok).toBe(false)
    expect((await attempt('ls /sys/class/net /proc/sys/net/ipv4/conf; cat /proc/net/dev')).text).not.toMatch(
      /eth|ens/,
    )
    await new Promise((resolve) => server.close(resolve))
  })

  test('finds no socket but that of its own way out', async () => {
    // A bound file has the type of the file that it is bound over until it is looked at itself.
    const bound = 'find /backspace -maxdepth 1 -exec test -S {} \\; -print'
    const { ok, text } = await attempt(`${bound}; find /backspace /home /run /tmp /var -type s`)
    expect(ok).toBe(true)
    expect(text.split('\n').filter((line) => line !== '')).toEqual(['/backspace/egress.sock'])
    expect((await attempt("cut -d' ' -f8- /proc/net/unix | grep -v Path | grep .")).text).not.toMatch(
      /dbus|docker|X11/,
    )
  })

  test('survives a fork bomb, which does not survive the time limit', async () => {
    const bomb = await sandbox.exec(':(){ :|:& };:; sleep 60', { timeoutMs: 1500 })
    expect(bomb.outcome).toBe('timeout')
    expect((await attempt('echo alive')).text).toBe('alive\n')
    expect(Number((await attempt('ps axo pid= | wc -l')).text)).toBeLessThan(20)
  })

  test('cannot fill memory through files, nor write one file without end', async () => {
    expect((await attempt('head -c 2G /dev/zero >/tmp/big')).text).toMatch(/No space left/)
    expect((await attempt('rm /tmp/big; head -c 1G /dev/zero >/dev/shm/big')).text).toMatch(/No space left/)
    expect((await attempt('rm /dev/shm/big; ulimit -f')).text).toBe('8388608\n')
  })
})
