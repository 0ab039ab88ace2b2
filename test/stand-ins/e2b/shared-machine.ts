import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine, MachineSite } from './machine.ts'
import { resolveInside } from './resolve-inside.ts'
import { awaitStart, PROFILE } from './start-command.ts'

/**
 * A machine where there are no namespaces: processes of this user on this system, with a home of its own. It differs from
 * a sandbox: one user id for all, the pids, `/tmp` and files of the host, a home that is not `/home/user`, and PATH comes
 * from the `~/.profile` that it begins with. `E2B_STAND_IN_SHARED=1` has it everywhere.
 */
export function bootSharedMachine({ directory, sandboxId }: MachineSite): Machine {
  const home = join(directory, 'home', 'user')
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, '.profile'), `export PATH='${process.env.PATH}'\n${PROFILE}`)
  const id = process.getuid?.() ?? 0

  function signalAll(signal: NodeJS.Signals): void {
    for (const pid of findProcesses(sandboxId)) sendSignal(pid, signal)
  }

  return {
    async start({ cmd, args, envs, cwd, stdin }) {
      const child = spawn(cmd, args, {
        cwd,
        env: { ...envs },
        detached: true,
        stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      })
      const pid = await awaitStart(child)
      return { child, pid, signal: (signal) => sendSignal(pid, signal) }
    },
    locate: (path, { follow = true } = {}) => resolveInside('', path, follow),
    toShown: (located) => located,
    accounts: [
      { name: 'user', home, id },
      { name: 'root', home, id },
    ],
    nameOf: (owner) => (owner === id ? 'user' : String(owner)),
    own: () => {},
    signalAll,
    async stop() {
      signalAll('SIGKILL')
    },
  }
}

/** A process may be gone already. */
function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {}
}

/** Every process whose environment names the sandbox. */
function findProcesses(sandboxId: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readEnvironment(pid).includes(`E2B_SANDBOX_ID=${sandboxId}`))
    .map(Number)
}

function readEnvironment(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}
