import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { createForwardServer } from '../forward-server.ts'
import type { Forward, Forwarding } from '../forwarding.ts'
import { SandboxError } from '../sandbox.ts'
import type { E2bPlace } from './e2b-command.ts'
import { type Relay, startRelay } from './start-relay.ts'

/** The forwardings of one sandbox. */
export interface E2bForwards {
  readonly forward: Forward
  /** @param options.leave true if the sandbox is about to end, so that no request is needed. */
  endAll(options: { readonly leave: boolean }): Promise<void>
}

/** Below the ports that Linux gives to outgoing connections. */
const PORTS = { first: 20_000, last: 29_999 }
const MAX_TRIES = 20
/** Milliseconds before a relay that ended is replaced; the last one repeats. */
const WAITS_MS = [0, 100, 500, 1000, 2000, 5000]
/** A relay that has lived this long ended for another reason than the one before it, so the waits start over. */
const STEADY_MS = 30_000

/**
 * `Sandbox.forward` at E2B, over the input and output of one command. It needs no public address and no egress rule,
 * and takes no request while nothing is asked. A relay that ends is replaced on the same port; its connections break.
 */
export function createE2bForwards(place: E2bPlace): E2bForwards {
  const open = new Map<Forwarding, (leave: boolean) => Promise<void>>()

  return {
    async forward(handler, { signal } = {}) {
      signal?.throwIfAborted()
      const server = createForwardServer(handler)
      const ending = new AbortController()
      const starting = AbortSignal.any([ending.signal, ...(signal ? [signal] : [])])
      const id = randomUUID()
      const start = (port: number) => startRelay(place, { id, port, server, signal: starting })
      let { relay, port } = await startAnywhere(start)

      async function end(leave: boolean): Promise<void> {
        if (ending.signal.aborted) return
        ending.abort()
        open.delete(forwarding)
        signal?.removeEventListener('abort', close)
        await relay?.end({ leave })
      }
      const close = () => end(false)
      const forwarding: Forwarding = {
        origin: `http://127.0.0.1:${port}`,
        close,
        [Symbol.asyncDispose]: close,
      }
      open.set(forwarding, end)
      signal?.addEventListener('abort', close, { once: true })
      void keepOpen()
      return forwarding

      async function keepOpen(): Promise<void> {
        for (let failures = 0; !ending.signal.aborted; failures++) {
          const startedAt = performance.now()
          await relay?.ended
          if (performance.now() - startedAt > STEADY_MS) failures = 0
          relay = undefined
          try {
            await delay(WAITS_MS[failures] ?? WAITS_MS.at(-1), undefined, {
              signal: ending.signal,
              ref: false,
            })
            relay = await start(port)
          } catch (error) {
            if (error instanceof SandboxError && error.class === 'gone') await end(true)
          }
        }
      }
    },
    async endAll({ leave }) {
      await Promise.all([...open.values()].map((end) => end(leave)))
    },
  }
}

/** @throws {SandboxError} */
async function startAnywhere(
  start: (port: number) => Promise<Relay | undefined>,
): Promise<{ relay: Relay | undefined; readonly port: number }> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = randomInt(PORTS.first, PORTS.last + 1)
    const relay = await start(port)
    if (relay) return { relay, port }
  }
  throw new SandboxError('unavailable', 'The E2B sandbox has no free port.')
}
