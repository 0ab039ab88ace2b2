import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHomeMapping } from '../../../src/sandbox/local/home-mapping.ts'
import type { Machine, MachineSite } from './machine.ts'
import { awaitStart, PROFILE } from './start-command.ts'

/**
 * A machine where there are no namespaces: processes of this user on this system, with a directory that passes for
 * `/home/user`. It differs from a sandbox: one user id for all, the pids, `/tmp` and files of the host, and PATH comes
 * from the `~/.profile` that it begins with.
 */
export function bootMappedMachine({ directory, sandboxId }: MachineSite): Machine {
  const home = join(directory, 'home', 'user')
  mkdirSync(home, { recursive: true })
  const mapping = createHomeMapping(home)
  writeFileSync(join(home, '.profile'), `export PATH='${process.env.PATH}'\n${PROFILE}`, { flag: 'a' })

  function signalAll(signal: NodeJS.Signals): void {
    for (const pid of findProcesses(sandboxId)) sendSignal(pid, signal)
  }

  return {
    async start({ cmd, args, envs, cwd, stdin }) {
      const given = Object.entries(envs).map(([name, value]) => [name, mapping.toReal(value)])
      const child = spawn(cmd, args.map(mapping.toReal), {
        cwd: mapping.toReal(cwd),
        env: Object.fromEntries(given),
        detached: true,
        stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      })
      const pid = await awaitStart(child)
      return {
        child,
        pid,
        signal: (signal) => sendSignal(pid, signal),
        shown(emit) {
          // One character for each byte: whatever is no path passes through unchanged.
          const stream = mapping.createShownStream((text) => emit(Buffer.from(text, 'latin1')))
          return { write: (chunk) => stream.write(chunk.toString('latin1')), flush: () => stream.flush() }
        },
      }
    },
    locate: (path) => mapping.toReal(path),
    toShown: (located) => mapping.toShown(located),
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
