import type { DatabaseLocation } from '../../../src/db/open-database.ts'

/** The one argument of the process that produces events. */
export interface FanOutPlan {
  readonly location: DatabaseLocation
  readonly runs: number
  readonly eventsPerSecond: number
  readonly seconds: number
  /** An embedded database is one process's: the producer is then the web server as well. */
  readonly serves: boolean
}

/** What it says first, as one line. */
export interface FanOutStart {
  readonly runIds: readonly string[]
  /** Where it serves, if it does. */
  readonly url: string | undefined
}
