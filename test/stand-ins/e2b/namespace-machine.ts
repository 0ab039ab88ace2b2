import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lchownSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { furnishMachine, USER_ID } from './furnish-machine.ts'
import type { Machine, MachineCommand, MachineProcess, MachineSite } from './machine.ts'
import { resolveInside } from './resolve-inside.ts'
import { awaitStart, cannotStart } from './start-command.ts'

/** Waits until its stdin ends, which is when this process does; it is pid 1, so everything ends with it. */
const HOLD = 'exec 3<&0; echo ready; while :; do cat <&3 >/dev/null & wait $! && exit; done'

/**
 * Goes to its directory as its own user, says its pid, and becomes the command. As envd does, it lets the kernel kill
 * commands first when memory is short.
 */
const BEGIN =
  'cd -- "$0" 2>/dev/null || { echo EACCES >&3; exit 126; }; echo $$ >&3; exec 3>&-; echo 100 >/proc/$$/oom_score_adj; exec "$@"'

/**
 * A machine as E2B’s are, as far as namespaces of Linux go: its own pids, `/proc`, `/tmp` and `/home`, and the login profile
 * of E2B’s images. Made by root, it also has a file system of its own (an overlay of this system), and commands are uid
 * 1000, while files are reached as root. Made by another user, it has one uid, and the rest of the files is this system’s.
 * The network is the host’s. Commands get sockets where envd gives pipes, because Node has no other.
 *
 * @returns undefined where this user may not make one: it takes util-linux, and root or user namespaces.
 */
export async function bootNamespaceMachine({ directory }: MachineSite): Promise<Machine | undefined> {
  const [maker, nsenter] = ['/usr/bin/unshare', '/usr/bin/nsenter']
  if (process.platform !== 'linux' || !existsSync(nsenter) || process.env.E2B_STAND_IN_SHARED)
    return undefined
  const isRoot = process.getuid?.() === 0
  const script = `${furnishMachine(directory, isRoot)} && exec chroot "$0/root" /bin/sh -c '${HOLD}'`
  const unshare = spawn(maker, [
    ...(isRoot ? [] : ['--user', '--map-root-user']),
    ...['--mount', '--pid', '--fork', '--kill-child', '/bin/sh', '-c', script],
    directory,
  ])
  if (!(await isReady(unshare))) return undefined
  unshare.unref()
  const init = readFileSync(`/proc/${unshare.pid}/task/${unshare.pid}/children`, 'utf8').trim()
  const spaces = isRoot ? ['--mount', '--pid'] : ['--user', '--preserve-credentials', '--mount', '--pid']
  const inside = ['--target', init, ...spaces, '--root', '--wd', '--']
  const outside = `/proc/${init}/root`
  const children = new Set<number>()

  async function start(command: MachineProcess): Promise<MachineCommand> {
    const { cmd, args, envs, cwd, account, stdin } = command
    const id = String(account.id)
    const ids = isRoot ? ['--setuid', id, '--setgid', id] : []
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
        // None when it has just ended; 0 would mean every process of this test run.
        if (inner !== '') process.kill(Number(inner), signal)
        // nsenter stopped if its command was stopped, and would not see its end even if the command went on since.
        if (children.has(outer)) process.kill(outer, 'SIGCONT')
      },
    }
  }

  return {
    start,
    locate: (path, { follow = true } = {}) => outside + resolveInside(outside, path, follow),
    toShown: (located) => located.slice(outside.length) || '/',
    accounts: [
      { name: 'user', home: '/home/user', id: USER_ID },
      { name: 'root', home: '/root', id: 0 },
    ],
    own(located, { id }) {
      if (isRoot) lchownSync(located, id, id)
    },
    nameOf(id) {
      if (id === (isRoot ? USER_ID : process.getuid?.())) return 'user'
      return id === 0 ? 'root' : String(id)
    },
    signalAll(signal) {
      spawnSync(nsenter, [...inside, '/bin/sh', '-c', `kill -${signal.slice(3)} -1`])
      // nsenter stops when its command does.
      if (signal === 'SIGCONT') for (const pid of children) process.kill(pid, signal)
    },
    async stop() {
      if (unshare.exitCode !== null || unshare.signalCode !== null) return
      const ended = once(unshare, 'exit')
      process.kill(Number(init), 'SIGKILL')
      for (const pid of children) process.kill(pid, 'SIGCONT')
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
    // A forgotten sandbox must not keep this process; it ends with it.
    for (const pipe of [unshare.stdin, unshare.stdout, unshare.stderr])
      if (pipe instanceof Socket) pipe.unref()
  })
}
