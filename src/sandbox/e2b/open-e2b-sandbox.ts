import { setTimeout as delay } from 'node:timers/promises'
import type { Sandbox as E2bSandbox } from 'e2b'
import { retry } from '../../time/pause.ts'
import { withTimeout } from '../../time/within.ts'
import { type Sandbox, SandboxError } from '../sandbox.ts'
import { egressRules } from './create-in-e2b.ts'
import type { E2bPlace } from './e2b-command.ts'
import { execInE2b } from './e2b-exec.ts'
import { e2bFiles } from './e2b-files.ts'
import { createE2bReach, type E2bReach } from './e2b-reach.ts'
import { createE2bForwards } from './forward-from-e2b.ts'

interface OpenE2bSandbox {
  readonly sandbox: E2bSandbox
  /** How many milliseconds the sandbox lives without an extension. */
  readonly livesMs: number
  /** Called when the sandbox has ended or its time is over, maybe more than once. */
  readonly onOver?: (() => void) | undefined
  readonly sleep?: ((ms: number) => Promise<unknown>) | undefined
}

/**
 * Makes a `Sandbox` of the SDK's object.
 *
 * @throws {SandboxError} if the sandbox does not answer.
 */
export async function openE2bSandbox({ sandbox, livesMs, onOver, sleep }: OpenE2bSandbox): Promise<Sandbox> {
  const life = createLife(performance.now() + livesMs, onOver)
  const reach = createE2bReach({ sandbox, isOver: life.isOver, onGone: () => life.end(), sleep })
  const place: E2bPlace = { sandbox, reach, ...(await findHome(sandbox, reach)), finished: [] }
  const forwards = createE2bForwards(place)
  return {
    id: sandbox.sandboxId,
    home: place.home,
    exec: (command, options = {}) => execInE2b(place, command, options),
    ...e2bFiles(place),
    forward: forwards.forward,
    setEgress: (policy) => reach.call(() => sandbox.updateNetwork(egressRules(policy)), { control: true }),
    async extend(ms) {
      const end = performance.now() + ms
      if (end <= life.endsAt()) return // E2B would shorten the sandbox's life otherwise.
      await reach.call(() => sandbox.setTimeout(ms), { control: true })
      life.extend(end)
    },
    async pause() {
      await forwards.endAll({ leave: false }) // Open forwardings would wake the sandbox.
      await reach.call(() => sandbox.pause({ requestTimeoutMs: PAUSE_MS }), { control: true })
      life.end()
    },
    async kill() {
      life.stop()
      void forwards.endAll({ leave: true })
      try {
        await endE2bSandbox((requestTimeoutMs) => sandbox.kill({ requestTimeoutMs }))
      } catch (cause) {
        throw new SandboxError(
          'unreachable',
          'E2B did not end the sandbox in time. Backspace keeps trying; the sandbox ends at its time limit at the latest.',
          { cause },
        )
      } finally {
        life.end()
      }
    },
  }
}

/** The life of a sandbox. Times are monotonic, in milliseconds. */
interface Life {
  readonly endsAt: () => number
  readonly isOver: () => boolean
  extend(endsAt: number): void
  /** Stops sending requests to the sandbox. */
  stop(): void
  end(): void
}

function createLife(endsAt: number, onOver: (() => void) | undefined): Life {
  let deadline = endsAt
  let over = false
  let timer: NodeJS.Timeout | undefined
  const schedule = () => {
    clearTimeout(timer)
    if (onOver && !over) timer = setTimeout(onOver, deadline - performance.now()).unref()
  }
  const stop = () => {
    over = true
    clearTimeout(timer)
  }
  schedule()
  return {
    endsAt: () => deadline,
    isOver: () => over,
    extend(next) {
      deadline = next
      schedule()
    },
    stop,
    end() {
      stop()
      onOver?.()
    },
  }
}

/**
 * Asks the daemon in the sandbox and not a shell, since a profile could answer for a shell. A daemon that was restarted
 * takes the caller for root; it is then asked for the home in which an earlier attempt left its files.
 */
async function findHome(sandbox: E2bSandbox, reach: E2bReach): Promise<Pick<E2bPlace, 'home' | 'user'>> {
  const { path, owner } = await reach.call(() => sandbox.files.getInfo('~'))
  if (owner !== 'root') return { home: path, user: owner }
  for (const { path: home } of await reach.call(() => sandbox.files.list('/home'))) {
    const left = `${home}/.backspace`
    if (!(await reach.call(() => sandbox.files.exists(left)))) continue
    return { home, user: (await reach.call(() => sandbox.files.getInfo(home))).owner }
  }
  return { home: path, user: owner }
}

/** Pausing takes about four seconds per GiB of memory. */
const PAUSE_MS = 60_000
const PATIENCE_MS = 2000
const REQUEST_TIMEOUT_MS = 10_000
const RETRY_WAITS_MS = [500, 2000, 8000]

/**
 * Ends a sandbox. A run that ends waits at most two seconds for it. If the service is slow or fails, more attempts
 * follow in the background; if those fail too, the sandbox ends at its time limit.
 *
 * @param kill ends the sandbox; also resolves if there is none.
 * @throws {unknown} the last error of the service, or that it did not answer in time.
 */
export async function endE2bSandbox(kill: (requestTimeoutMs: number) => Promise<unknown>): Promise<void> {
  const ended = retry(() => kill(REQUEST_TIMEOUT_MS), {
    waitsMs: RETRY_WAITS_MS,
    // The process may exit during a wait. The sandbox then ends at its time limit.
    pause: (ms) => delay(ms, undefined, { ref: false }),
  })
  const onTimeout = () => {
    throw new Error(`E2B did not end the sandbox within ${PATIENCE_MS} ms`)
  }
  await withTimeout(ended, { ms: PATIENCE_MS, onTimeout })
}
