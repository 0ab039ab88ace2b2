import type { PoolClient } from 'pg'
import type { ConstructorOptions } from 'pg-boss'

/** What pg-boss says about its own upkeep of tables, which may take long. */
interface StatementOptions {
  /** Ends the statement, with its connection: a stop does not wait for it. */
  readonly signal?: AbortSignal | undefined
  /** If it is aborted in the meantime, the connection is not used again. */
  readonly retire?: AbortSignal | undefined
}

/**
 * pg-boss on a pool of ours. On its own one, a connection that leads nowhere is not noticed, and a claim waits for the
 * kernel, a quarter of an hour.
 */
export function bossDatabase(pool: {
  connect(): Promise<PoolClient>
}): NonNullable<ConstructorOptions['db']> {
  async function executeSql(text: string, values?: unknown[], { signal, retire }: StatementOptions = {}) {
    signal?.throwIfAborted()
    retire?.throwIfAborted()
    const client = await pool.connect()
    let isReleased = false
    let failed = true
    function release(destroy: boolean): void {
      if (!isReleased) client.release(destroy)
      isReleased = true
    }
    const end = () => release(true)
    signal?.addEventListener('abort', end, { once: true })
    try {
      // Several statements at once have several results, and their rows all count.
      const results = [await client.query(text, values ?? [])].flat()
      failed = false
      return { rows: results.flatMap(({ rows }) => rows) }
    } finally {
      signal?.removeEventListener('abort', end)
      // A statement that failed may have left its transaction open.
      release(failed || retire?.aborted === true)
    }
  }
  return { executeSql }
}
