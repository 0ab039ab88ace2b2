import { setTimeout as delay } from 'node:timers/promises'

/** Room for one more sandbox. */
export interface SandboxPlace {
  /** Gives it to the next in line. Safe to call again. */
  release(): void
}

export interface SandboxPlaces {
  /**
   * Waits in line until there is room for another sandbox, and until the next one may be asked for.
   *
   * @throws the signal's reason, when it aborts first.
   */
  take(request: TakePlace): Promise<SandboxPlace>
  /** A number that is drawn once: who has to come again keeps the place in the line. */
  draw(): number
  /** Nobody's turn comes for so many milliseconds from now: the service has no room, whatever we count. */
  pause(ms: number): void
}

interface TakePlace {
  /** Lower ones are served first. */
  readonly ticket: number
  readonly signal: AbortSignal | undefined
  /** Called at once when all places are taken. */
  readonly onFull: () => void
}

interface PlacesOptions {
  /** Places of this process. */
  readonly max: number
  readonly perSecond: number
  /** Milliseconds, from wherever. */
  readonly now?: () => number
  readonly sleep?: (ms: number) => Promise<unknown>
}

/** Keeps what this process asks of a sandbox service within the limits of the plan: at once, and per second. */
export function createSandboxPlaces(options: PlacesOptions): SandboxPlaces {
  const { max, perSecond, now = () => performance.now(), sleep = delay } = options
  const line: { readonly ticket: number; readonly onTurn: () => void }[] = []
  let tickets = 0
  let taken = 0
  let nextAt = Number.NEGATIVE_INFINITY
  let serving = false

  async function serve(): Promise<void> {
    if (serving) return
    serving = true
    while (line.length > 0 && taken < max) {
      const early = nextAt - now()
      if (early > 0) {
        await sleep(early)
        continue
      }
      taken++
      nextAt = now() + 1000 / perSecond
      line.shift()?.onTurn()
    }
    serving = false
  }

  function place(): SandboxPlace {
    let held = true
    return {
      release() {
        if (!held) return
        held = false
        taken--
        void serve()
      },
    }
  }

  return {
    draw: () => tickets++,
    take({ ticket, signal, onFull }) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const onAbort = () => {
          line.splice(line.indexOf(waiter), 1)
          reject(signal?.reason)
        }
        const onTurn = () => {
          signal?.removeEventListener('abort', onAbort)
          resolve(place())
        }
        const waiter = { ticket, onTurn }
        signal?.addEventListener('abort', onAbort, { once: true })
        const behind = line.findIndex((other) => other.ticket > ticket)
        line.splice(behind < 0 ? line.length : behind, 0, waiter)
        void serve()
        if (taken >= max && line.includes(waiter)) onFull()
      })
    },
    pause(ms) {
      nextAt = Math.max(nextAt, now() + ms)
    },
  }
}
