import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { createLazyMachine, type LazyMachine } from './machine.ts'
import type { NetworkConfig } from './network-rules.ts'
import type { StandInProcess } from './process-service.ts'

/** One sandbox of the stand-in. */
export interface SandboxRecord {
  readonly id: string
  readonly templateId: string
  readonly metadata: Readonly<Record<string, string>>
  /** Environment of every command. */
  readonly envs: Readonly<Record<string, string>>
  readonly accessToken: string
  readonly startedAt: Date
  readonly machine: LazyMachine
  readonly processes: Map<number, StandInProcess>
  /** Answers that are still being written; they break when the sandbox dies. */
  readonly streams: Set<ServerResponse>
  /** Every network configuration that was set, the latest last. */
  readonly networks: NetworkConfig[]
  readonly autoPause: boolean
  endAt: Date
  /** On `performance.now()`: until then the daemon does not answer. */
  daemonDownUntil: number
  /** Whether the daemon knows token, user and environment, which it forgets when it restarts. */
  isTold: boolean
  state: 'running' | 'paused' | 'killed'
  timer: NodeJS.Timeout | undefined
}

export interface NewSandbox {
  readonly templateId: string
  readonly metadata: Readonly<Record<string, string>>
  readonly envs?: Readonly<Record<string, string>>
  readonly network: NetworkConfig | undefined
  readonly timeoutSeconds: number
  readonly autoPause: boolean
  /** Files of a snapshot. */
  readonly from?: string | undefined
}

export function createSandboxRecord(request: NewSandbox): SandboxRecord {
  const id = `i${randomBytes(9).toString('hex')}`
  const record: SandboxRecord = {
    id,
    templateId: request.templateId,
    metadata: request.metadata,
    envs: request.envs ?? {},
    accessToken: randomBytes(16).toString('hex'),
    startedAt: new Date(),
    machine: createLazyMachine(id, request.from),
    processes: new Map(),
    streams: new Set(),
    networks: request.network ? [request.network] : [],
    autoPause: request.autoPause,
    endAt: new Date(),
    daemonDownUntil: 0,
    isTold: true,
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
  const end = () => void (record.autoPause ? pauseSandbox(record) : killSandbox(record))
  record.timer = setTimeout(end, seconds * 1000).unref()
}

export async function pauseSandbox(record: SandboxRecord): Promise<void> {
  clearTimeout(record.timer)
  record.state = 'paused'
  breakStreams(record)
  await record.machine.signalAll('SIGSTOP')
}

export async function resumeSandbox(record: SandboxRecord): Promise<void> {
  await record.machine.signalAll('SIGCONT')
  record.state = 'running'
}

/** As a machine dies: connections break, processes and files are gone. */
export async function killSandbox(record: SandboxRecord): Promise<void> {
  if (record.state !== 'killed') {
    clearTimeout(record.timer)
    record.state = 'killed'
    breakStreams(record)
  }
  await record.machine.end()
}

export function breakStreams(record: SandboxRecord): void {
  for (const stream of record.streams) stream.destroy()
}

/**
 * What systemd’s restart of envd does (infra: `envd.service.tpl`): connections break, and the new daemon knows no process
 * of the old one, nor the token, the environment and the default user: calls without a user are root’s. Commands go on,
 * because they are in a control group of their own, but nothing reads their output any more, and their stdin ends.
 */
export function restartDaemon(record: SandboxRecord, downMs: number): void {
  record.daemonDownUntil = performance.now() + downMs
  record.isTold = false
  breakStreams(record)
  for (const { child } of record.processes.values()) {
    child.stdout?.destroy()
    child.stderr?.destroy()
    // Afterwards, so that a command that reads its end finds its output closed.
    setImmediate(() => child.stdin?.destroy())
  }
  record.processes.clear()
}
