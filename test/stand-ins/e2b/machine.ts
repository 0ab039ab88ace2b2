import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHomeMapping, type HomeMapping } from '../../../src/sandbox/local/home-mapping.ts'
import type { NetworkConfig } from './control-plane.ts'
import type { StandInProcess } from './process-service.ts'

/** What a sandbox of the stand-in runs on: real processes in a directory of this machine, without isolation. */
export interface Machine {
  /** The directory that passes for `/home/user`. */
  readonly home: string
  readonly mapping: HomeMapping
  /** A path inside as a path of this machine; relative ones start at home. */
  toReal(path: string): string
  start(process: MachineProcess): ChildProcessWithoutNullStreams
  signalAll(signal: NodeJS.Signals): void
  remove(): void
}

interface MachineProcess {
  readonly cmd: string
  readonly args: readonly string[]
  readonly envs: Readonly<Record<string, string>>
  readonly cwd: string | undefined
}

function createMachine(sandboxId: string): Machine {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'e2b-stand-in-')))
  const home = join(directory, 'user')
  mkdirSync(home)
  const mapping = createHomeMapping(home)
  // A login shell forgets PATH; this machine's tools may be anywhere.
  writeFileSync(join(home, '.bash_profile'), `export PATH='${process.env.PATH}'\n`)
  const toReal = (path: string) => {
    const real = mapping.toReal(path)
    return real.startsWith('/') ? real : join(home, real)
  }
  return {
    home,
    mapping,
    toReal,
    start({ cmd, args, envs, cwd }) {
      const given = Object.entries(envs).map(([name, value]) => [name, mapping.toReal(value)])
      return spawn(cmd, args.map(mapping.toReal), {
        cwd: cwd === undefined || cwd === '' ? home : toReal(cwd),
        env: {
          PATH: process.env.PATH,
          HOME: home,
          USER: 'user',
          ...Object.fromEntries(given),
          E2B_SANDBOX: 'true',
          E2B_SANDBOX_ID: sandboxId,
        },
        detached: true,
      })
    },
    signalAll(signal) {
      for (const pid of findProcesses(sandboxId)) sendSignal(pid, signal)
    },
    remove() {
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Sends a signal to a process that may be gone already. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
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

/** One sandbox of the stand-in. */
export interface SandboxRecord {
  readonly id: string
  readonly templateId: string
  readonly metadata: Readonly<Record<string, string>>
  readonly accessToken: string
  readonly startedAt: Date
  readonly machine: Machine
  readonly processes: Map<number, StandInProcess>
  /** Answers that are still being written; they break when the sandbox dies. */
  readonly streams: Set<ServerResponse>
  /** Every network configuration that was set, the latest last. */
  readonly networks: NetworkConfig[]
  readonly autoPause: boolean
  endAt: Date
  /** On `performance.now()`: until then the daemon does not answer. */
  daemonDownUntil: number
  state: 'running' | 'paused' | 'killed'
  timer: NodeJS.Timeout | undefined
}

interface NewSandbox {
  readonly templateId: string
  readonly metadata: Readonly<Record<string, string>>
  readonly network: NetworkConfig | undefined
  readonly timeoutSeconds: number
  readonly autoPause: boolean
}

export function createSandboxRecord(request: NewSandbox): SandboxRecord {
  const id = `i${randomBytes(9).toString('hex')}`
  const record: SandboxRecord = {
    id,
    templateId: request.templateId,
    metadata: request.metadata,
    accessToken: randomBytes(16).toString('hex'),
    startedAt: new Date(),
    machine: createMachine(id),
    processes: new Map(),
    streams: new Set(),
    networks: request.network ? [request.network] : [],
    autoPause: request.autoPause,
    endAt: new Date(),
    daemonDownUntil: 0,
    state: 'running',
    timer: undefined,
  }
  setLifetime(record, request.timeoutSeconds)
  return record
}

/** From now on; shortens as well as it extends. */
export function setLifetime(record: SandboxRecord, seconds: number): void {
  clearTimeout(record.timer)
  record.endAt = new Date(Date.now() + seconds * 1000)
  const end = () => (record.autoPause ? pauseSandbox(record) : killSandbox(record))
  record.timer = setTimeout(end, seconds * 1000).unref()
}

export function pauseSandbox(record: SandboxRecord): void {
  clearTimeout(record.timer)
  record.state = 'paused'
  record.machine.signalAll('SIGSTOP')
  for (const stream of record.streams) stream.destroy()
}

export function resumeSandbox(record: SandboxRecord): void {
  record.state = 'running'
  record.machine.signalAll('SIGCONT')
}

/** As a machine dies: connections break, processes and files are gone. */
export function killSandbox(record: SandboxRecord): void {
  if (record.state === 'killed') return
  clearTimeout(record.timer)
  record.state = 'killed'
  for (const stream of record.streams) stream.destroy()
  record.machine.signalAll('SIGKILL')
  record.machine.remove()
}
