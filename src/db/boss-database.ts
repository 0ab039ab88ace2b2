import type { PoolClient } from 'pg'
import type { ConstructorOptions } from 'pg-boss'

/** What pg-boss passes with statements for the upkeep of its tables, which may take long. */
interface StatementOptions {
  /** Ends the statement together with its connection, so that a stop need not wait for it. */
  readonly signal?: AbortSignal | undefined
  /** If this aborts during the statement, the connection is not used again. */
  readonly retire?: AbortSignal | undefined
}

/**
 * Lets pg-boss use a pool of this process. In a pool of its own, a dead connection would not be noticed, and a claim
 * would wait a quarter of an hour for the kernel.
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
      // Several statements in one query have several results. The rows of all of them count.
      const results = [await client.query(text, values ?? [])].flat()
      failed = false
      return { rows: results.flatMap(({ rows }) => rows) }
    } finally {
      signal?.removeEventListener('abort', end)
      // A statement that failed may have left its transaction open, so its connection is not used again.
      release(failed || retire?.aborted === true)
    }
  }
  return { executeSql }
}
