import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findProgram, probeLocalSandbox } from '../../../src/sandbox/local/probe-local-sandbox.ts'
import { CANARY, type EscapeWorld, startEscapeWorld } from './escape-world.ts'

const probe = await probeLocalSandbox()
const python = findProgram('python3', process.env.PATH) === undefined ? ' (not installed: python3)' : ''

/** `$OUTSIDE` is a directory of the host, `$TOOL` an installation that the box sees. */
const SEES_NOTHING = [
  ['the root of process 1', 'cat /proc/1/root"$OUTSIDE"/secret'],
  [
    'the roots and directories of all processes',
    'cat /proc/[0-9]*/root"$OUTSIDE"/secret /proc/[0-9]*/cwd"$OUTSIDE"/secret',
  ],
  ['what process 1 has open', 'cat /proc/1/fd/*'],
  ['a link in its home', 'ln -sf "$OUTSIDE/secret" ~/link; cat ~/link'],
  ['a link inside a tool that leads to the host', 'cat "$TOOL"/share/secret "$TOOL"/include/secret'],
  ['a link inside a tool that leads to its neighbours', 'cat "$TOOL"/share/app.pem'],
  ['files beside the parts of a tool', 'cat "$TOOL"/.env "$TOOL"/app.pem "$TOOL"/etc/npmrc "$TOOL"/../.env'],
  ['dot files beside programs', 'cat "$TOOL"/bin/.env'],
  ['data of the service inside a tool', 'cat "$TOOL"/lib/data/db'],
  ['a key of the service inside a tool', 'cat "$TOOL"/lib/key.pem'],
  [
    'a search of everything it can see',
    `grep -rsl ${CANARY} "$TOOL" /backspace/agent /home /srv /var /tmp /run /etc; false`,
  ],
  ['the host’s temporary files', 'cat /tmp/*/secret /dev/shm/*/secret'],
  [
    'a socket of the host by its path',
    'node -e "require(`net`).connect(process.env.OUTSIDE + `/host.sock`).pipe(process.stdout)"',
  ],
  [
    'an abstract socket of the host',
    'node -e "require(`net`).connect(`\\0` + process.env.OUTSIDE).pipe(process.stdout)"',
  ],
  ['the name space of process 1', 'nsenter -t 1 -m -n cat "$OUTSIDE/secret"'],
  ['a new name space with a mount', 'unshare -Urm sh -c "mount --bind / /tmp && cat /tmp/$OUTSIDE/secret"'],
  ['a new root', 'chroot /proc/1/root cat "$OUTSIDE/secret"'],
  ['the proxy as a way to files', 'curl -sm5 -x http://127.0.0.1:3128 "file://$OUTSIDE/secret"'],
] as const

const FAILS = [
  ['read the messages of the kernel', 'cat /dev/kmsg || dmesg'],
  ['read the memory of the kernel', 'head -c1 /proc/kcore'],
  ['register a program for a file type', 'echo ":x:M::x::/tmp/x:" >/proc/sys/fs/binfmt_misc/register'],
  ['choose the program that loads modules', 'echo /tmp/x >/proc/sys/kernel/modprobe'],
  [
    'find a release agent of cgroups',
    'ls /sys/fs/cgroup/release_agent /sys/fs/cgroup/*/release_agent || mount -t cgroup none /tmp',
  ],
  ['see devices of the machine', 'ls /sys/class/block /sys/kernel'],
  [
    'reach Docker, D-Bus or X11',
    'ls /var/run/docker.sock /run/docker.sock /run/dbus /run/user /tmp/.X11-unix',
  ],
  ['find sockets in its environment', 'env | grep -E "DBUS|SSH_AUTH|DISPLAY|WAYLAND|XDG_RUNTIME"'],
  ['open a terminal', 'exec 3<>/dev/tty'],
  ['raise its number of processes', 'ulimit -u 100000'],
  ['raise its number of open files', 'ulimit -n 100000'],
  ['write core dumps', 'ulimit -c 1000'],
  ['get a higher priority', 'nice -n -5 true | grep . || renice -n -5 -p $$ || chrt -f 1 true'],
  ['rename the machine', 'hostname evil'],
  [
    'change what serves it',
    'echo x >>/backspace/agent/box-agent.mjs || cp /bin/sh /backspace/bin/node || rm -f /backspace/egress.sock',
  ],
  ['link to files of the system', 'ln /usr/bin/env ~/env'],
  ['make a device', 'mknod ~/disk b 254 0 || mknod ~/mem c 1 1'],
  ['become root by a file of root', 'passwd -S root || sudo -n true'],
  [
    'see homes, services and installations of the host',
    'ls -A /root /srv /mnt /media /boot /var/lib | grep -v "^/"',
  ],
  ['read passwords', 'cat /etc/shadow /etc/gshadow /etc/sudoers /etc/ssh/ssh_host_rsa_key'],
] as const

/** System calls by number, each with what it says. */
const CALLS = `
import ctypes, json, platform, errno
libc = ctypes.CDLL(None, use_errno=True)
column = 0 if platform.machine() == 'x86_64' else 1
calls = {'keyctl': (250, 219), 'add_key': (248, 217), 'bpf': (321, 280), 'perf_event_open': (298, 241), 'userfaultfd': (323, 282),
  'io_uring_setup': (425, 425), 'open_by_handle_at': (304, 265), 'setns': (308, 268), 'mount': (165, 40), 'pivot_root': (155, 41),
  'fsopen': (430, 430), 'init_module': (175, 105), 'kexec_load': (246, 104), 'reboot': (169, 142), 'clone3': (435, 435)}
said = {}
def note(name, result):
  said[name] = errno.errorcode.get(ctypes.get_errno()) if result < 0 else 'done'
for name, numbers in calls.items(): note(name, libc.syscall(numbers[column], 0, 0, 0, 0, 0))
for name, domain, kind, protocol in [('vsock', 40, 1, 0), ('packet', 17, 3, 0), ('alg', 38, 5, 0), ('audit', 16, 3, 9), ('bluetooth', 31, 3, 1)]:
  note(name, libc.socket(domain, kind, protocol))
note('TIOCSTI', libc.ioctl(0, 0x5412, b'x'))
note('TIOCSTI of 64 bits', libc.ioctl(0, ctypes.c_ulong(0x100005412), b'x'))
host = int(__import__('os').environ['HOST_PID'])
note('ptrace of the host', libc.ptrace(16, host, 0, 0))
for name, domain, protocol in [('unix', 1, 0), ('tcp', 2, 6), ('interfaces', 16, 0)]: note(name, libc.socket(domain, 3 if domain == 16 else 1, protocol))
print(json.dumps(said))
`

describe.skipIf(!probe.available)(
  probe.available ? 'code in a box' : `code in a box (${probe.message})`,
  () => {
    let world: EscapeWorld
    const attempt = (command: string) =>
      world.attempt(command, {
        OUTSIDE: world.outside,
        TOOL: world.tool,
        HOST_PID: String(process.pid),
        CALLS,
      })
    beforeAll(async () => {
      world = await startEscapeWorld()
    })
    afterAll(() => world?.close())

    test('has the tools that it may have', async () => {
      expect((await attempt('tool')).text).toBe('tool\n')
    })

    test.for(SEES_NOTHING)('does not get out by %s', async ([, command]) => {
      const { ok, text } = await attempt(command)
      expect([ok, text.includes(CANARY)]).toEqual([false, false])
      expect(text).not.toMatch(/^\//m)
    })

    test.for(FAILS)('cannot %s', async ([, command]) => {
      expect(await attempt(command)).toMatchObject({ ok: false })
    })

    test.skipIf(python !== '')(`makes no system call that only an attack needs${python}`, async () => {
      const { text } = await attempt('python3 -c "$CALLS" </dev/null')
      const { unix, tcp, interfaces, clone3, io_uring_setup, ...others } = JSON.parse(text) as Record<
        string,
        string
      >
      expect({ unix, tcp, interfaces }).toEqual({ unix: 'done', tcp: 'done', interfaces: 'done' })
      expect({ clone3, io_uring_setup }).toEqual({ clone3: 'ENOSYS', io_uring_setup: 'ENOSYS' })
      const { vsock, packet, alg, audit, bluetooth, 'ptrace of the host': traced, ...calls } = others
      expect([...new Set([vsock, packet, alg, audit, bluetooth])]).toEqual(['EAFNOSUPPORT'])
      expect(traced).toBe('ESRCH')
      expect([...new Set(Object.values(calls))]).toEqual(['EPERM'])
    })

    test('does not become another user by a setuid file', async () => {
      const { text } = await attempt(
        'cp /usr/bin/id ~/id && chmod 6755 ~/id && ~/id -u; grep -E " /home/user " /proc/mounts',
      )
      expect(text).toMatch(/^1000\n/)
      expect(text).toMatch(/nosuid/)
    })

    test('does not make the host read or write through a link, a pipe or a device', async () => {
      const { sandbox, outside } = world
      await attempt(
        'ln -sfn "$OUTSIDE" ~/dir; ln -sf "$OUTSIDE/secret" ~/file; mkfifo ~/pipe; ln -sf /dev/zero ~/zero',
      )
      for (const path of ['dir/secret', 'file', 'pipe', 'zero', '/proc/1/mem', `${outside}/secret`]) {
        const failed = await sandbox.readFile(path).then(
          () => undefined,
          (error: unknown) => error,
        )
        expect([path, failed]).toEqual([path, expect.objectContaining({ class: 'path_not_found' })])
      }
      const seen = await sandbox.inspect('dir/secret', { cwd: sandbox.home, maxBytes: 1000 })
      expect(seen).toMatchObject({ kind: 'missing', bytes: undefined })
      await sandbox.writeFile('file', Buffer.from('overwritten')).catch(() => undefined)
      await sandbox.writeFile('dir/new', Buffer.from('overwritten')).catch(() => undefined)
      expect(world.secret()).toBe(CANARY)
      expect(readdirSync(outside)).not.toContain('new')
    })

    test('does not take the host’s descriptors by opening connections', async () => {
      const before = readdirSync('/proc/self/fd').length
      const flood = `const net = require('net'); let open = 0
      for (let i = 0; i < 2000; i++) net.connect('/backspace/egress.sock', () => open++).on('error', () => {}).on('close', () => open--)
      setTimeout(() => { console.log(open); process.kill(process.pid, 'SIGSTOP') }, 700)`
      const flooding = world.sandbox.exec('node -e "$FLOOD"', { env: { FLOOD: flood }, timeoutMs: 1500 })
      const most: number[] = []
      for (let look = 0; look < 12; look++) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        most.push(readdirSync('/proc/self/fd').length)
      }
      expect(Math.max(...most) - before).toBeLessThan(400)
      await flooding
      expect((await attempt('echo alive')).text).toBe('alive\n')
    })
  },
)
