import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type E2B, type Sandbox as E2bSandbox, type SandboxInfo as E2bSandboxInfo, RateLimitError } from 'e2b'
import { untilAborted } from '../../time/within.ts'
import { type CreateSandboxRequest, SandboxError } from '../sandbox.ts'
import { explainCreateFailure, isPassing } from './e2b-errors.ts'
import { egressRules } from './egress-rules.ts'

export interface E2bLimits {
  /** Sandboxes of this process at once. */
  readonly maxSandboxes: number
  readonly createsPerSecond: number
  /** Waits between attempts, and the clock that they are counted by, in milliseconds; for tests. */
  readonly sleep?: (ms: number) => Promise<unknown>
  readonly now?: () => number
}

interface CreateInE2b extends E2bLimits {
  readonly client: E2B
  readonly template: string
  readonly marks: E2bMarks
}

/** A sandbox that was made, and the place that it takes until it is over. */
interface PlacedSandbox {
  readonly sandbox: E2bSandbox
  readonly place: SandboxPlace
}

/** A service that fails for reasons of its own gets so many further tries. */
const FAILURE_PAUSES_MS = [1000, 3000]
/** A service that is full is asked again at such intervals, the longest one over and over … */
const FULL_PAUSES_MS = [2000, 4000, 8000]
const LONGEST_FULL_PAUSE_MS = 15_000
/** … for so long. When it says itself how long to wait, the SDK does so, up to a minute. */
const FULL_PATIENCE_MS = 10 * 60_000
const FULL = `Waiting for a sandbox: E2B has no room for another one now. It is asked again for up to ${FULL_PATIENCE_MS / 60_000} minutes.`

/**
 * @returns a function that makes one sandbox, and waits for a place first: in this process, then at E2B.
 * `open` is what makes it usable; when it fails, the sandbox is ended.
 */
export function createInE2b(options: CreateInE2b) {
  const { client, template, marks, maxSandboxes, createsPerSecond } = options
  const { sleep = delay, now = () => performance.now() } = options
  const places = createSandboxPlaces({ max: maxSandboxes, perSecond: createsPerSecond, now, sleep })
  const allTaken = `Waiting for a sandbox: the E2B plan allows ${maxSandboxes} at once (E2B_MAX_SANDBOXES).`

  async function askFor(request: CreateSandboxRequest, mark: string): Promise<E2bSandbox> {
    const making = client.Sandbox.create(template, {
      timeoutMs: request.timeoutMs,
      metadata: { ...marks, run: request.runId, request: mark },
      network: { ...egressRules(request.egress), allowPublicTraffic: false },
      lifecycle: { onTimeout: 'kill' },
    })
    try {
      return await untilAborted(making, request.signal)
    } catch (error) {
      if (request.signal?.aborted) making.then((late) => late.kill()).catch(() => {})
      throw error
    }
  }

  /** An attempt that failed may have made one all the same; E2B has no key that would tell, so we brought one. */
  async function killStrays(mark: string): Promise<void> {
    const strays = await findMarked(client, { ...marks, request: mark }).catch(() => [])
    for (const { sandboxId } of strays) await client.Sandbox.kill(sandboxId).catch(() => false)
  }

  return async function create<T>(
    request: CreateSandboxRequest,
    open: (placed: PlacedSandbox) => Promise<T>,
  ): Promise<T> {
    const mark = randomUUID()
    const ticket = places.draw()
    const tell = tellOnce(request.onWait)
    const { signal } = request
    let fullSince: number | undefined
    let refusals = 0
    let failures = 0
    for (;;) {
      const place = await places.take({ ticket, signal, onFull: () => tell(allTaken) })
      try {
        return await open({ sandbox: await askFor(request, mark), place })
      } catch (error) {
        const isFull = error instanceof RateLimitError
        if (isFull) places.pause(fullPause(refusals++)) // Before others see the place that gets free.
        place.release()
        const wasMade = error instanceof SandboxError // And then did not answer.
        if (wasMade || (isPassing(error) && !isFull)) await killStrays(mark)
        signal?.throwIfAborted()
        if (wasMade) throw error
        if (isFull) {
          fullSince ??= now()
          if (now() - fullSince >= FULL_PATIENCE_MS) throw explainCreateFailure(error, template)
          tell(FULL)
          continue
        }
        const pause = FAILURE_PAUSES_MS[failures++]
        if (pause === undefined || !isPassing(error)) throw explainCreateFailure(error, template)
        await untilAborted(sleep(pause), signal)
      }
    }
  }
}

function fullPause(refusals: number): number {
  return FULL_PAUSES_MS[refusals] ?? LONGEST_FULL_PAUSE_MS
}

function tellOnce(onWait: ((message: string) => void) | undefined): (message: string) => void {
  const told = new Set<string>()
  return (message) => {
    if (told.has(message)) return
    told.add(message)
    onWait?.(message)
  }
}

/** Room for one more sandbox. */
interface SandboxPlace {
  /** Gives it to the next in line. Safe to call again. */
  release(): void
}

interface SandboxPlaces {
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

/** What says that a sandbox is ours. Nothing else is written there: every key of the team can read it. */
interface E2bMarks extends Readonly<Record<string, string>> {
  readonly app: string
  readonly deployment: string
}

/** Every sandbox that has all of the marks, running or paused. */
export async function findMarked(
  client: E2B,
  marks: Readonly<Record<string, string>>,
): Promise<E2bSandboxInfo[]> {
  const pages = client.Sandbox.list({ query: { metadata: { ...marks } } })
  const found: E2bSandboxInfo[] = []
  while (pages.hasNext) found.push(...(await pages.nextItems()))
  // What is found here may be killed: whether it is ours is not left to a filter of others.
  return found.filter(({ metadata }) => isMarked(metadata, marks))
}

export function isMarked(
  metadata: Readonly<Record<string, string>>,
  marks: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(marks).every(([name, value]) => metadata[name] === value)
}
