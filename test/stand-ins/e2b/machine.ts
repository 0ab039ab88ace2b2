import { type ChildProcess, execFile } from 'node:child_process'
import { existsSync, mkdtempSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bootNamespaceMachine } from './namespace-machine.ts'
import { bootSharedMachine } from './shared-machine.ts'

/** A user of the sandbox. */
export interface Account {
  readonly name: 'user' | 'root'
  /** As its commands see it. */
  readonly home: string
  readonly id: number
}

export interface MachineProcess {
  readonly cmd: string
  readonly args: readonly string[]
  readonly envs: Readonly<Record<string, string>>
  /** Absolute, and it exists. */
  readonly cwd: string
  readonly account: Account
  /** Without it, stdin is /dev/null. */
  readonly stdin: boolean
}

/** A command that runs on a machine. */
export interface MachineCommand {
  readonly child: ChildProcess
  /** As the sandbox counts. */
  readonly pid: number
  /** Reaches only the process itself, not what it started: that is how envd does it. */
  signal(signal: NodeJS.Signals): void
}

/** What a sandbox of the stand-in runs on. */
export interface Machine {
  /** @throws {Error} when it cannot be started; the message is Go’s. */
  start(process: MachineProcess): Promise<MachineCommand>
  /**
   * Where this process finds a file of the sandbox. Links in the directories above are followed, and at the end unless
   * `follow` is false.
   *
   * @param path absolute, as the sandbox sees it.
   * @throws {Error} with a `code` such as ENOTDIR or ELOOP.
   */
  locate(path: string, options?: { readonly follow?: boolean }): string
  /** The path in the sandbox of a located one. */
  toShown(located: string): string
  /** Who runs commands in it; the first is the default. */
  readonly accounts: readonly Account[]
  /** The name for a user id of a file. */
  nameOf(id: number): string
  /** Gives a made file to a user. */
  own(located: string, account: Account): void
  signalAll(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** Ends every process. */
  stop(): Promise<void>
}

/** What a machine is made of: directories for its own files. */
export interface MachineSite {
  readonly directory: string
  /** Names the sandbox in the environment of its processes. */
  readonly sandboxId: string
}

/** A machine, once something needs it. */
export interface LazyMachine {
  boot(): Promise<Machine>
  /** Without booting one. */
  signalAll(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void>
  /** A copy of its files, for `createLazyMachine`; not of its processes, which E2B’s snapshots keep too. */
  snapshot(): Promise<string>
  /** Ends its processes and removes its files. */
  end(): Promise<void>
}

/** @param from what `snapshot` gave. */
export function createLazyMachine(sandboxId: string, from?: string): LazyMachine {
  let booting: Promise<Machine> | undefined
  let directory: string | undefined
  let ended = false

  async function start(): Promise<Machine> {
    directory = newDirectory()
    if (from !== undefined) await copyFiles(from, directory)
    const site = { directory, sandboxId }
    return (await bootNamespaceMachine(site)) ?? bootSharedMachine(site)
  }

  return {
    boot() {
      if (ended) return Promise.reject(new Error('the sandbox has ended'))
      booting ??= start()
      return booting
    },
    async signalAll(signal) {
      ;(await booting)?.signalAll(signal)
    },
    async snapshot() {
      booting ??= start()
      const machine = await booting
      const copy = newDirectory()
      machine.signalAll('SIGSTOP')
      if (directory !== undefined) await copyFiles(directory, copy)
      machine.signalAll('SIGCONT')
      return copy
    },
    async end() {
      if (ended) return
      ended = true
      await (await booting?.catch(() => undefined))?.stop()
      if (directory !== undefined) await removeFiles(directory)
    },
  }
}

export async function removeFiles(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
}

function newDirectory(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'e2b-stand-in-')))
}

/** Directories of a machine that hold its own files. */
const KEPT = ['system', 'home', 'tmp', 'admin']

/** Owners and times too, which Node does not copy. */
async function copyFiles(from: string, to: string): Promise<void> {
  const found = KEPT.map((name) => join(from, name)).filter(existsSync)
  await promisify(execFile)('cp', ['-a', ...found, to])
}
