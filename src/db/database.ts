import type { Kysely } from 'kysely'
import type { ConstructorOptions } from 'pg-boss'
import type { Schema } from './schema.ts'

/** One SQL dialect, two places: PGlite in a directory (one process) or a PostgreSQL server (any number). */
export interface Database {
  readonly kind: 'pglite' | 'postgres'
  /**
   * Tables. With PGlite there is one connection: inside a transaction use only its own handle and await nothing
   * else, or everything stalls.
   */
  readonly sql: Kysely<Schema>
  /** How pg-boss reaches the same database. */
  readonly boss: Required<Pick<ConstructorOptions, 'db' | 'backend'>>
  /** Whether notifications arrive. In a function none do: what it listened for would be lost while it is frozen. */
  readonly listens: boolean
  /**
   * Calls `handler` for each notification on `channel`, until the returned function is called. Notifications are lost
   * while a connection is down, so a listener must also poll.
   */
  listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>>
  notify(channel: string, payload: string): Promise<void>
  /** Resolves when the database answers. */
  ping(): Promise<void>
  /** Resolves when this process has no query and no transaction under way. */
  settled(): Promise<void>
  close(): Promise<void>
}
