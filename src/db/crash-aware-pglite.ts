import { PGlite, type PGliteOptions } from '@electric-sql/pglite'

/** With the code by which a server says so: what was asked for is asked again, of whoever opens the directory next. */
class EngineCrashed extends Error {
  readonly code = '57P02'
}

/** By these exit codes the engine comes back from an error, or from its own start. */
const GOES_ON: readonly unknown[] = [99, 100]

/**
 * PGlite that stops when its engine does. PostgreSQL ends with a panic, say when the disk is full, and is started
 * again. PGlite swallows that: from then on a query has no result and no error, and an insert is confirmed that never
 * was. In here every query fails after it.
 */
export class CrashAwarePGlite extends PGlite {
  readonly #onCrash: (error: Error) => void
  #crash: Error | undefined
  #watched: unknown

  /** @param onCrash is told once; only another process gets the data back, which are whole. */
  constructor(dataDir: string, options: PGliteOptions, onCrash: (error: Error) => void) {
    super(dataDir, options)
    this.#onCrash = onCrash
  }

  override execProtocolRawSync(message: Uint8Array): Uint8Array {
    if (this.#crash) throw this.#crash
    this.#watch()
    const answer = super.execProtocolRawSync(message)
    // Set by what was just done.
    const crash: Error | undefined = this.#crash
    if (crash) throw crash
    return answer
  }

  #watch(): void {
    const { mod } = this
    if (!mod || mod === this.#watched) return
    this.#watched = mod
    const step = mod._PostgresMainLoopOnce
    mod._PostgresMainLoopOnce = () => {
      try {
        step()
      } catch (error) {
        this.#noteCrash(error)
        throw error
      }
    }
  }

  #noteCrash(error: unknown): void {
    const goesOn =
      typeof error === 'object' && error !== null && 'status' in error && GOES_ON.includes(error.status)
    if (goesOn || this.#crash) return
    this.#crash = new EngineCrashed('The embedded database has crashed', { cause: error })
    this.#onCrash(this.#crash)
  }
}
