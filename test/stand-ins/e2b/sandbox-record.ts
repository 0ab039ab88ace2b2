import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { createMachine, type Machine } from './machine.ts'
import type { NetworkConfig } from './network-rules.ts'
import type { StandInProcess } from './process-service.ts'

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
  state: 'running' | 'paused' | 'killed'
  timer: NodeJS.Timeout | undefined
}

export interface NewSandbox {
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
