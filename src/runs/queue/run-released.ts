import { DatabaseAway } from '../../db/retry-database.ts'
import { WriteRefused } from '../store/write-refused.ts'

/**
 * `signal.reason` of a run that its worker must release, because the process shuts down or the queue took it for dead.
 * This is no cancellation: another attempt continues the run, so write no terminal event, undo nothing, and return.
 */
export class RunReleased extends Error {
  constructor() {
    super('This worker released the run; another attempt continues it')
    this.name = 'RunReleased'
  }
}

/**
 * True when `error` says that this attempt is over but the run is not: the run was released, another attempt holds it,
 * or the database is away. Such an attempt writes no terminal event.
 */
export function goesOnElsewhere(error: unknown): boolean {
  return error instanceof RunReleased || error instanceof WriteRefused || error instanceof DatabaseAway
}
