import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type E2B, type Sandbox as E2bSandbox, type SandboxInfo as E2bSandboxInfo, RateLimitError } from 'e2b'
import { untilAborted } from '../../time/within.ts'
import { type CreateSandboxRequest, type EgressPolicy, hostsOf, SandboxError } from '../sandbox.ts'
import { explainCreateFailure, isPassing } from './e2b-errors.ts'
import { createSandboxSlots, type SandboxSlot } from './sandbox-slots.ts'

export interface E2bLimits {
  /** Most sandboxes that this process may have at once. */
  readonly maxSandboxes: number
  readonly createsPerSecond: number
  /** For tests: replace the waits and the clock; milliseconds. */
  readonly sleep?: (ms: number) => Promise<unknown>
  readonly now?: () => number
}

interface CreateInE2b extends E2bLimits {
  readonly client: E2B
  readonly template: string
  readonly marks: E2bMarks
}

/** A new sandbox, and the slot that it occupies until it ends. */
interface NewSandbox {
  readonly sandbox: E2bSandbox
  /** The snapshot that the sandbox started from; undefined for the template. */
  readonly snapshotId: string | undefined
  readonly slot: SandboxSlot
}

/** Waits between attempts when the service fails: half a minute in total, as for calls to a sandbox. */
const FAILURE_WAITS_MS = [1000, 3000, 6000, 10_000, 12_000]
/** A wait that is longer than this is shown to people. */
const SHOWN_ABOVE_MS = 3000
/** Waits between attempts when the service is full. The last one repeats … */
const FULL_WAITS_MS = [2000, 4000, 8000]
const LONGEST_FULL_WAIT_MS = 15_000
/** … for this long. If the service says how long to wait, the SDK waits itself, up to a minute. */
const FULL_PATIENCE_MS = 10 * 60_000
const AWAY = 'Waiting for a sandbox: E2B does not answer. Backspace keeps trying for half a minute.'
const FULL = `Waiting for a sandbox: E2B has no capacity now. Backspace keeps trying for up to ${FULL_PATIENCE_MS / 60_000} minutes.`

/**
 * @returns a function that creates one sandbox. It waits for capacity, first in this process, then at E2B. `open` makes
 * the sandbox usable; if it fails, the sandbox is ended.
 */
export function createInE2b(options: CreateInE2b) {
  const { client, template, marks, maxSandboxes, createsPerSecond } = options
  const { sleep = delay, now = () => performance.now() } = options
  const slots = createSandboxSlots({ max: maxSandboxes, perSecond: createsPerSecond, now, sleep })
  const allTaken = `Waiting for a sandbox: all ${maxSandboxes} that E2B_MAX_SANDBOXES allows are in use.`

  async function askFor(
    request: Omit<CreateSandboxRequest, 'snapshotId'>,
    { source, mark }: { readonly source: string; readonly mark: string },
  ): Promise<E2bSandbox> {
    const making = client.Sandbox.create(source, {
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

  /** Ends sandboxes that a failed attempt may have created. E2B has no idempotency keys, so the metadata has one. */
  async function killStrays(mark: string): Promise<void> {
    const strays = await findMarked(client, { ...marks, request: mark }).catch(() => [])
    for (const { sandboxId } of strays) await client.Sandbox.kill(sandboxId).catch(() => false)
  }

  return async function create<T>(
    request: CreateSandboxRequest,
    open: (created: NewSandbox) => Promise<T>,
  ): Promise<T> {
    const mark = randomUUID()
    const image = request.template ?? template
    const ticket = slots.draw()
    const report = reportOnce(request.onWait)
    const { signal } = request
    let { snapshotId } = request
    let fullSince: number | undefined
    let refusals = 0
    let failures = 0
    for (;;) {
      const slot = await slots.take({ ticket, signal, onFull: () => report(allTaken) })
      try {
        const sandbox = await askFor(request, { source: snapshotId ?? image, mark })
        return await open({ sandbox, snapshotId, slot })
      } catch (error) {
        const isFull = error instanceof RateLimitError
        if (isFull) slots.pause(fullWait(refusals++)) // Before the next one in line gets this slot.
        slot.release()
        const wasCreated = error instanceof SandboxError // It was created but did not answer.
        if (wasCreated || (isPassing(error) && !isFull)) await killStrays(mark)
        signal?.throwIfAborted()
        if (wasCreated) throw error
        if (isFull) {
          fullSince ??= now()
          if (now() - fullSince >= FULL_PATIENCE_MS) throw explainCreateFailure(error, image)
          report(FULL)
          continue
        }
        if (snapshotId !== undefined && !isPassing(error)) {
          snapshotId = undefined // It was removed, or is from an older E2B. The template always works.
          continue
        }
        const waitMs = FAILURE_WAITS_MS[failures++]
        if (waitMs === undefined || !isPassing(error)) throw explainCreateFailure(error, image)
        if (waitMs > SHOWN_ABOVE_MS) report(AWAY)
        await untilAborted(sleep(waitMs), signal)
      }
    }
  }
}

function fullWait(refusals: number): number {
  return FULL_WAITS_MS[refusals] ?? LONGEST_FULL_WAIT_MS
}

function reportOnce(onWait: ((message: string) => void) | undefined): (message: string) => void {
  const reported = new Set<string>()
  return (message) => {
    if (reported.has(message)) return
    reported.add(message)
    onWait?.(message)
  }
}

/**
 * Metadata that marks a sandbox as one of Backspace's. Nothing else is in it, since every key of the team can read it.
 */
interface E2bMarks extends Readonly<Record<string, string>> {
  readonly app: string
  readonly deployment: string
}

/** Every sandbox that has all of these marks, running or paused. */
export async function findMarked(
  client: E2B,
  marks: Readonly<Record<string, string>>,
): Promise<E2bSandboxInfo[]> {
  const pages = client.Sandbox.list({ query: { metadata: { ...marks } } })
  const found: E2bSandboxInfo[] = []
  while (pages.hasNext) found.push(...(await pages.nextItems()))
  // Callers kill what they find here, so check the marks instead of relying on E2B's filter.
  return found.filter(({ metadata }) => isMarked(metadata, marks))
}

export function isMarked(
  metadata: Readonly<Record<string, string>>,
  marks: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(marks).every(([name, value]) => metadata[name] === value)
}

const EVERYWHERE = '0.0.0.0/0'

/** Network rules in E2B's form. They replace all earlier ones, since E2B clears whatever an update leaves out. */
export function egressRules(policy: EgressPolicy): {
  allowOut: string[]
  denyOut: string[]
} {
  return { allowOut: [...hostsOf(policy)], denyOut: [EVERYWHERE] }
}
