import type { Kysely } from 'kysely'
import type { ConstructorOptions } from 'pg-boss'
import type { Schema } from './schema.ts'

/**
 * A database with one SQL dialect in either of two places: PGlite in a directory, for one process, or a PostgreSQL
 * server, for any number of processes.
 */
export interface Database {
  readonly kind: 'pglite' | 'postgres'
  /**
   * Access to the tables. PGlite has only one connection: inside a transaction, use only the transaction's own handle
   * and await nothing else, or everything stalls.
   */
  readonly sql: Kysely<Schema>
  /** What pg-boss needs to reach the same database. */
  readonly boss: Required<Pick<ConstructorOptions, 'db' | 'backend'>>
  /** Whether notifications arrive. They do not in a function, which would lose them while it is frozen. */
  readonly listens: boolean
  /**
   * Calls `handler` for each notification on `channel`, until the returned function is called. Notifications are lost
   * while a connection is down, so a listener must also poll.
   */
  listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>>
  notify(channel: string, payload: string): Promise<void>
  /** Resolves when the database answers. */
  ping(): Promise<void>
  /** Resolves when this process has no query and no transaction in progress. */
  settled(): Promise<void>
  close(): Promise<void>
}
