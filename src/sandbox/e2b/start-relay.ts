import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { CommandExitError, type CommandHandle, NotFoundError, SandboxNotFoundError } from 'e2b'
import { shellQuote } from '../../text/shell-quote.ts'
import { untilAborted, withTimeout } from '../../time/within.ts'
import { MAX_FORWARD_CONNECTIONS } from '../forwarding.ts'
import { SandboxError } from '../sandbox.ts'
import { type E2bPlace, NO_PROFILE } from './e2b-command.ts'
import { explainMissingPerl } from './e2b-errors.ts'
import { createRelayConnections } from './relay-connections.ts'
import { encodeRelayFrame } from './relay-frames.ts'
import { createRelayInput } from './relay-input.ts'
import { createRelayOutput } from './relay-output.ts'
import { RELAY, TICK_SECONDS } from './relay-script.ts'

/** A relay that listens in a sandbox. */
export interface Relay {
  /** Resolves when the relay has ended, with all of its connections. */
  readonly ended: Promise<void>
  /** @param options.leave true if the sandbox ends the relay anyway, so that no request is needed. */
  end(options?: { readonly leave?: boolean }): Promise<void>
}

interface RelayOptions {
  /** Id of the relay. An earlier relay with the same id is ended. */
  readonly id: string
  readonly port: number
  /** Handles the connections. */
  readonly server: Server
  readonly signal: AbortSignal
}

const START_TIMEOUT_MS = 15_000
const SEND_TIMEOUT_MS = 30_000
/** A line that has been silent for this long is dead. */
const QUIET_MS = 3 * TICK_SECONDS * 1000

/**
 * Starts a relay as one command of the sandbox.
 *
 * @returns undefined if the port is taken.
 * @throws {SandboxError}
 */
export async function startRelay(place: E2bPlace, options: RelayOptions): Promise<Relay | undefined> {
  const { sandbox, reach, user, home } = place
  const { id, port, server, signal } = options
  const mark = randomBytes(16).toString('hex')
  const ending = new AbortController()
  const ready = Promise.withResolvers<boolean>()
  const ended = Promise.withResolvers<void>()
  let handle: CommandHandle | undefined
  let lastHeard = performance.now()

  const input = createRelayInput(
    (batch) => reach.call(() => sendOnce(batch), { signal: ending.signal }),
    () => fail(),
  )
  const connections = createRelayConnections(server, input)
  const output = createRelayOutput({
    mark,
    connect: async (onStdout) => {
      const stream = { onStdout, timeoutMs: 0, requestTimeoutMs: START_TIMEOUT_MS }
      const pid = handle?.pid ?? 0
      return reach.call(() => sandbox.commands.connect(pid, stream), { signal: ending.signal })
    },
    sendMark: (bytes) => input.send(encodeRelayFrame('y', 0, bytes)),
    onFrame(frame) {
      if (frame.kind === 'r') ready.resolve(true)
      else if (frame.kind === 'n') ready.resolve(false)
      else if (frame.kind !== 't') connections.take(frame)
    },
    onHeard() {
      lastHeard = performance.now()
    },
    onFailure: fail,
  })
  const failIfQuiet = () => {
    if (performance.now() - lastHeard > QUIET_MS) fail()
  }
  // In an immediate, because timers of a busy process run before new input is read.
  const watch = setInterval(() => setImmediate(failIfQuiet), QUIET_MS / 6).unref()

  async function sendOnce(batch: Buffer): Promise<void> {
    try {
      await sandbox.commands.sendStdin(handle?.pid ?? 0, batch, { requestTimeoutMs: SEND_TIMEOUT_MS })
    } catch (error) {
      const isOver = error instanceof NotFoundError && !(error instanceof SandboxNotFoundError)
      throw isOver ? new SandboxError('unreachable', 'The relay has ended.', { cause: error }) : error
    }
  }

  function stop(): void {
    if (ending.signal.aborted) return
    ending.abort()
    clearInterval(watch)
    input.stop()
    connections.end()
    output.stop()
    ended.resolve()
  }

  /** Gives the relay up. What is left of it in the sandbox ends by itself, or when the next one with its id starts. */
  function fail(error?: unknown): void {
    if (ending.signal.aborted) return
    stop()
    ready.reject(
      (error instanceof CommandExitError && explainMissingPerl(error.stderr)) ||
        new SandboxError('unreachable', 'The relay in the E2B sandbox ended before it listened.', {
          cause: error,
        }),
    )
    handle?.kill().catch(() => {})
  }

  const args = [id, String(port), mark, String(MAX_FORWARD_CONNECTIONS)]
  ready.promise.catch(() => {})
  try {
    handle = await reach.call(
      async () => {
        const started = await sandbox.commands.run(
          `exec perl -e ${shellQuote(RELAY)} -- ${args.map(shellQuote).join(' ')}`,
          {
            background: true,
            stdin: true,
            user,
            envs: { ...NO_PROFILE, BACKSPACE_HOME: home },
            timeoutMs: 0,
            requestTimeoutMs: START_TIMEOUT_MS,
            onStdout: output.open(),
          },
        )
        // The caller may have given up in the meantime.
        if (ending.signal.aborted) void started.kill().catch(() => {})
        return started
      },
      { signal },
    )
    output.follow(handle)
    const isListening = withTimeout(ready.promise, { ms: START_TIMEOUT_MS, onTimeout: giveUp })
    if (await untilAborted(isListening, signal)) return { ended: ended.promise, end }
    stop()
    return undefined
  } catch (error) {
    fail()
    throw error
  }

  async function end({ leave = false } = {}): Promise<void> {
    if (ending.signal.aborted) return
    stop()
    if (!leave) await reach.call(async () => handle?.kill()).catch(() => {})
  }
}

function giveUp(): never {
  throw new SandboxError('unreachable', 'The relay in the E2B sandbox does not answer.')
}
