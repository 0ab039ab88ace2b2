import { DatabaseAway } from '../../db/retry-database.ts'
import { WriteRefused } from '../store/write-refused.ts'

/**
 * `signal.reason` of a run whose worker must let go: it shuts down, or was taken for dead. Not a cancellation: the
 * run goes on elsewhere, so write no terminal event, undo nothing and return.
 */
export class RunReleased extends Error {
  constructor() {
    super('This worker lets go of the run; another attempt carries it on')
    this.name = 'RunReleased'
  }
}

/**
 * True when `error` says that this attempt is over but its run is not: it was handed over, somebody else holds it,
 * or nothing can be written down for it now. Such an attempt writes no terminal event.
 */
export function goesOnElsewhere(error: unknown): boolean {
  return error instanceof RunReleased || error instanceof WriteRefused || error instanceof DatabaseAway
}
