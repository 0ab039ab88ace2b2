import type { MeteredRequest } from './metered-server.ts'

/** A coding agent as people run it. */
export interface Contestant {
  /** With its version. */
  readonly name: string
  /** Carries out the whole task once. @throws {Error} when it was not done. */
  readonly work: () => Promise<TaskRecord>
}

/** What one task took. */
export interface TaskRecord {
  readonly requests: readonly MeteredRequest[]
  /** Of all its processes. */
  readonly cpuSeconds: number
  /** Resident, of all its processes together, in MB. */
  readonly peakMb: number
  /** From the order to do it until it was done, in seconds. */
  readonly seconds: number
}
