import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, lchownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import type { Machine, MachineCommand, MachineProcess, MachineSite } from './machine.ts'
import { resolveInside } from './resolve-inside.ts'
import { awaitStart, cannotStart, PROFILE } from './start-command.ts'

/** Directories of the host that a sandbox does not see: it has its own there. */
const OWN = { '/home': 'home', '/tmp': 'tmp', '/root': 'admin' } as const
const USER_ID = 1000

/** Waits until its stdin ends, which is when this process does; it is pid 1, so everything ends with it. */
const HOLD = 'exec 3<&0; echo ready; cat <&3 >/dev/null & wait $!'

/**
 * Goes to its directory as its own user, says its pid, and becomes the command. As envd does, it lets the kernel kill
 * commands first when memory is short.
 */
const BEGIN =
  'cd -- "$0" 2>/dev/null || { echo EACCES >&3; exit 126; }; echo $$ >&3; exec 3>&-; echo 100 >/proc/$$/oom_score_adj; exec "$@"'

const BASHRC = `case $- in
    *i*) ;;
      *) return;;
esac
`

/**
 * A machine as E2B’s are, as far as namespaces of Linux go: its own pids, `/proc`, `/tmp`, `/home` and changes to any file
 * (an overlay of this system), commands as uid 1000, and the login profile of E2B’s images. The network is the host’s.
 * Commands get sockets where envd gives pipes, because Node has no other.
 *
 * @returns undefined where this user may not make one: it takes root and util-linux.
 */
export async function bootNamespaceMachine({ directory }: MachineSite): Promise<Machine | undefined> {
  const [maker, nsenter] = ['/usr/bin/unshare', '/usr/bin/nsenter']
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync(nsenter)) return undefined
  furnish(directory)
  const script = `mount --all --fstab "$0/fstab" && exec chroot "$0/root" /bin/sh -c '${HOLD}'`
  const unshare = spawn(maker, [
    ...['--mount', '--pid', '--fork', '--kill-child', '/bin/sh', '-c', script],
    directory,
  ])
  if (!(await isReady(unshare))) return undefined
  const init = readFileSync(`/proc/${unshare.pid}/task/${unshare.pid}/children`, 'utf8').trim()
  const inside = ['--target', init, '--mount', '--pid', '--root', '--wd', '--']
  const outside = `/proc/${init}/root`
  const children = new Set<number>()

  async function start(command: MachineProcess): Promise<MachineCommand> {
    const { cmd, args, envs, cwd, account, stdin } = command
    const ids = ['--setuid', String(account.id), '--setgid', String(account.id)]
    const child = spawn(nsenter, [...ids, ...inside, '/bin/sh', '-c', BEGIN, cwd, cmd, ...args], {
      env: { ...envs },
      stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
    })
    const outer = await awaitStart(child)
    children.add(outer)
    child.once('exit', () => children.delete(outer))
    const pid = await readLine(child.stdio[3])
    if (!/^\d+$/.test(pid)) throw cannotStart(Object.assign(new Error('it did not start'), { code: pid }))
    return {
      child,
      pid: Number(pid),
      signal(signal) {
        const inner = readFileSync(`/proc/${outer}/task/${outer}/children`, 'utf8').trim()
        process.kill(Number(inner), signal)
      },
      shown: (emit) => ({ write: emit, flush() {} }),
    }
  }

  return {
    start,
    locate: (path, { follow = true } = {}) => outside + resolveInside(outside, path, follow),
    toShown: (located) => located.slice(outside.length) || '/',
    own: (located, { id }) => lchownSync(located, id, id),
    signalAll(signal) {
      spawnSync(nsenter, [...inside, '/bin/sh', '-c', `kill -${signal.slice(3)} -1`])
      // nsenter stops when its command does.
      if (signal === 'SIGCONT') for (const pid of children) process.kill(pid, signal)
    },
    async stop() {
      if (unshare.exitCode !== null || unshare.signalCode !== null) return
      const ended = once(unshare, 'exit')
      process.kill(Number(init), 'SIGKILL')
      await ended
    },
  }
}

/** The first line that arrives; empty if none does. */
async function readLine(stream: unknown): Promise<string> {
  if (!(stream instanceof Readable)) return ''
  let text = ''
  for await (const chunk of stream) {
    text += chunk
    if (text.includes('\n')) break // Leaving the loop ends the stream: nsenter keeps its other end open.
  }
  return text.split('\n')[0] ?? ''
}

async function isReady(unshare: ChildProcessWithoutNullStreams): Promise<boolean> {
  return new Promise((resolve) => {
    unshare.once('error', () => resolve(false))
    unshare.once('exit', () => resolve(false))
    unshare.stdout.once('data', () => resolve(true))
    unshare.stdin.on('error', () => {})
  })
}

/** Makes the files of a new machine, and keeps those of a snapshot. */
function furnish(directory: string): void {
  const at = (...parts: readonly string[]) => join(directory, ...parts)
  for (const name of ['system/etc', 'system/usr/local', 'work', 'root', 'admin', 'home', 'tmp']) {
    mkdirSync(at(name), { recursive: true })
  }
  const mounts = [
    `overlay ${at('root')} overlay lowerdir=/,upperdir=${at('system')},workdir=${at('work')}`,
    `proc ${at('root/proc')} proc defaults`,
    `/dev ${at('root/dev')} none rbind`,
    ...Object.entries(OWN).map(([shown, own]) => `${at(own)} ${at('root')}${shown} none bind`),
    ...lendTools(directory).map((tools) => `${tools} ${at('root')}${tools} none bind`),
  ]
  writeFileSync(at('fstab'), mounts.map((line) => `${line} 0 0\n`.replaceAll('\\', '\\\\')).join(''))
  if (existsSync(at('home/user'))) return
  spawnSync('chmod', ['1777', at('tmp')])
  spawnSync('chmod', ['777', at('system/usr/local')])
  spawnSync('chmod', ['700', at('admin')])
  mkdirSync(at('home/user'))
  writeFileSync(at('home/user/.profile'), PROFILE)
  writeFileSync(at('home/user/.bashrc'), BASHRC)
  for (const name of ['', '.profile', '.bashrc']) chownSync(at('home/user', name), USER_ID, USER_ID)
  writeFileSync(at('system/etc/profile'), etcProfile())
  for (const name of ['passwd', 'group'] as const) {
    const others = readFileSync(`/etc/${name}`, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !/^user:|^[^:]*:[^:]*:1000:/.test(line))
    const own = name === 'passwd' ? 'user:x:1000:1000::/home/user:/bin/bash' : 'user:x:1000:'
    writeFileSync(at('system/etc', name), `${[...others, own].join('\n')}\n`)
  }
}

/** What E2B’s images have there: PATH, and both profiles of the user (infra: `provision.sh`). */
function etcProfile(): string {
  return [
    `PATH='${process.env.PATH}'`,
    'export PATH',
    "export SHELL='/bin/bash'",
    'if [ -f ~/.bashrc ]; then source ~/.bashrc; fi; if [ -f ~/.profile ]; then source ~/.profile; fi',
    '',
  ].join('\n')
}

/** This machine’s own tools, where they lie in a directory that the sandbox does not see. */
function lendTools(directory: string): readonly string[] {
  const lent = (process.env.PATH ?? '')
    .split(':')
    .filter((entry) => existsSync(entry) && Object.keys(OWN).some((own) => entry.startsWith(`${own}/`)))
    .map((entry) => (/^\.?bin$/.test(basename(entry)) ? dirname(entry) : entry))
    .sort()
    .filter((entry, index, all) => !all.slice(0, index).some((other) => `${entry}/`.startsWith(`${other}/`)))
  for (const tools of lent) {
    const own = Object.entries(OWN).find(([shown]) => tools.startsWith(`${shown}/`))
    if (own) mkdirSync(join(directory, own[1], tools.slice(own[0].length)), { recursive: true })
  }
  return lent
}
