import { setTimeout as delay } from 'node:timers/promises'

/** The right to have one sandbox. */
export interface SandboxSlot {
  /** Gives the slot to the next in line. Safe to call twice. */
  release(): void
}

interface SandboxSlots {
  /**
   * Waits in line for a free slot, and until the next request is allowed.
   *
   * @throws the signal's reason if it aborts first.
   */
  take(request: SlotRequest): Promise<SandboxSlot>
  /** Draws a ticket. With it, a request that has to wait again keeps its position in the line. */
  draw(): number
  /** Hands out no slot for `ms` milliseconds, even if some are free, because the service is full. */
  pause(ms: number): void
}

interface SlotRequest {
  /** A request with a lower ticket is served first. */
  readonly ticket: number
  readonly signal: AbortSignal | undefined
  /** Called at once if no slot is free. */
  readonly onFull: () => void
}

interface SlotOptions {
  /** Most sandboxes of this process at once. */
  readonly max: number
  /** Most requests for a sandbox per second. */
  readonly perSecond: number
  /** Monotonic time in milliseconds. */
  readonly now?: () => number
  readonly sleep?: (ms: number) => Promise<unknown>
}

/**
 * Keeps this process within the limits of its plan at a sandbox service: the number of sandboxes at once, and of
 * requests per second.
 */
export function createSandboxSlots(options: SlotOptions): SandboxSlots {
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

  function createSlot(): SandboxSlot {
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
          resolve(createSlot())
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
