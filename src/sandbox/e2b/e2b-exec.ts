import { setTimeout as delay } from 'node:timers/promises'
import { CommandExitError, type CommandHandle, InvalidArgumentError } from 'e2b'
import { untilAborted } from '../../time/within.ts'
import type { ExecOptions, ExecResult } from '../sandbox.ts'
import {
  DEFAULT_TIMEOUT_MS,
  type E2bCommand,
  type E2bPlace,
  NO_PROFILE,
  prepareCommand,
} from './e2b-command.ts'
import { explainMissingPerl } from './e2b-errors.ts'
import { attendScript, killScript, lookScript } from './supervisor.ts'
import {
  type CommandEnd,
  createSupervisorReport,
  type Part,
  type SupervisorReport,
} from './supervisor-report.ts'

const ABORTED = { exitCode: 130, stdout: '', stderr: '', outcome: 'aborted' } as const
/** An aborted command has this many milliseconds to report its result. After that the caller goes on without it. */
const ABORT_GRACE_MS = 1000
/** If the daemon takes longer to start a command, it is asked again. */
const START_TIMEOUT_MS = 15_000
/** How many milliseconds to wait for a killed command to end. */
const END_MS = 10_000
/** A connection may die without notice. After this much silence the sandbox is asked about the command. */
const QUIET_MS = 60_000
const ATTEND_SECONDS = 20
const KILLED = 137
/** Output beyond this does not come from the supervisor alone. The SDK keeps all that it receives in memory. */
const FLOOD_CHARACTERS = 8 * 1024 * 1024

/** See `Sandbox.exec`. */
export async function execInE2b(place: E2bPlace, command: string, options: ExecOptions): Promise<ExecResult> {
  const { signal, next } = options
  if (signal?.aborted) return ABORTED
  let following: Promise<ExecResult> | undefined
  try {
    return await untilAborted(toItsEnd(), signal, ABORT_GRACE_MS)
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return ABORTED
    throw error
  }

  async function toItsEnd(): Promise<ExecResult> {
    const prepared = await prepareCommand(place, command, options)
    const running = createRunning(place, prepared, options)
    options.onStart?.(running.look)
    const result = await running.follow('result', options.timeoutMs)
    if (!next || result.outcome === 'aborted' || running.refused()) {
      running.finish()
      return result
    }
    following = running.follow('next', next.timeoutMs).finally(() => running.finish())
    following.catch(() => {}) // The caller need not wait for it.
    return { ...result, next: following }
  }
}

interface Running {
  /** Waits for one of the two commands; ends it after `timeoutMs`, or on abort. */
  follow(part: Part, timeoutMs: number | undefined): Promise<ExecResult>
  /** True if the sandbox started no command. */
  refused(): boolean
  /** See `ExecOptions.onStart`. */
  look(): Promise<string>
  finish(): void
}

function createRunning(
  { sandbox, reach, user, finished }: E2bPlace,
  { id, mark, directory, script, envs, keptBytes }: E2bCommand,
  { signal, onStdout, onStderr }: ExecOptions,
): Running {
  const report = createSupervisorReport(mark, { onStdout, onStderr })
  let received = 0
  let starts = 0
  let refused = false
  let handle: CommandHandle | undefined
  let connection: Promise<unknown> | undefined

  /** Runs one of Backspace's own scripts, which are short and do no harm if they run twice. */
  async function runScript(text: string, timeoutMs: number): Promise<string> {
    const options = { user, envs: NO_PROFILE, timeoutMs, requestTimeoutMs: START_TIMEOUT_MS }
    const run = () =>
      sandbox.commands.run(text, options).catch((error: unknown) => {
        if (error instanceof CommandExitError) return error
        throw error
      })
    return (await reach.call(run)).stdout
  }

  async function kill(part: Part, stop: boolean): Promise<void> {
    await runScript(killScript(part === 'result' ? id : `${id}-next`, directory, stop), 10_000)
  }

  /**
   * Sends the command until the sandbox answers. The first request to arrive runs the command; the others do nothing.
   */
  async function start(): Promise<void> {
    handle = await reach.call(
      () => {
        starts++
        return sandbox.commands.run(script, {
          background: true,
          user,
          envs: { ...envs },
          timeoutMs: 0, // The supervisor's limit applies instead: the SDK's ends only the shell, not what it started.
          requestTimeoutMs: START_TIMEOUT_MS,
          onStdout: (text) => receive(text, true),
          onStderr: (text) => receive(text, false),
        })
      },
      { signal },
    )
    connection = handle.wait().catch((error: unknown) => error)
  }

  function receive(text: string, isStdout: boolean): void {
    received += text.length
    if (received > 8 * keptBytes + FLOOD_CHARACTERS) {
      if (received - text.length > 8 * keptBytes + FLOOD_CHARACTERS) return
      void handle?.disconnect()
      void kill('result', true).catch(() => {}) // The command's result shows whether the kill worked.
    } else if (isStdout) report.receive(text)
  }

  /** Asks the sandbox about a command after the connection was lost or fell silent. */
  async function attend(part: Part, seconds: number): Promise<CommandEnd | 'lost' | 'none' | undefined> {
    const printed = await runScript(
      attendScript({ directory, mark, which: part, seconds }),
      (seconds + 15) * 1000,
    )
    const said = printed.split(`${mark}\n`)[1] ?? ''
    if (said === 'busy\n') return undefined
    if (said === '') return delay(1000, undefined)
    if (said === 'lost\n' || said === 'none\n') return said === 'lost\n' ? 'lost' : 'none'
    report.load(part, said)
    return report.ended[part]
  }

  async function waitForEnd(part: Part): Promise<CommandEnd | 'lost'> {
    if (part === 'result') await start()
    for (let isConnected = true; ; ) {
      const before = received
      const end = isConnected
        ? await firstOf([report.ended[part], connection?.then(() => undefined)], QUIET_MS)
        : undefined
      if (end !== undefined && end !== 'quiet') return end
      if (end === undefined && isConnected) {
        const refusal = explainRefusal(report, await connection)
        refused = refusal !== undefined
        if (refusal) return refusal
        isConnected = false
      }
      if (end === 'quiet' && received !== before) continue
      const known = await attend(part, isConnected ? 0 : ATTEND_SECONDS)
      if (known === 'none' && report.state() === 'silent' && part === 'result') {
        await start()
        isConnected = true
      } else if (known === 'none' || known === 'lost') return 'lost'
      else if (known !== undefined) return known
    }
  }

  return {
    refused: () => refused,
    async look() {
      const said = await runScript(lookScript(directory), 10_000)
      if (!said.startsWith('+')) throw new Error('The command does not run.')
      return said.slice(1)
    },
    finish() {
      // A request that was given up may still arrive. It must then find that the command has run.
      if (starts === 1) finished.push(id)
    },
    async follow(part, timeoutMs = DEFAULT_TIMEOUT_MS) {
      let outcome = 'exited' as ExecResult['outcome']
      const patience = Promise.withResolvers<'overdue'>()
      let endTimer: NodeJS.Timeout | undefined
      const stop = (why: 'timeout' | 'aborted') => {
        if (outcome !== 'exited') return
        outcome = why
        void kill(part, why === 'aborted').catch(() => {}) // If this fails, the command does not end, and END_MS applies.
        endTimer = setTimeout(patience.resolve, END_MS, 'overdue')
      }
      const startedAt = performance.now()
      const timer = setTimeout(stop, timeoutMs, 'timeout')
      const onAbort = () => stop('aborted')
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted) onAbort()
      try {
        const end = await Promise.race([waitForEnd(part), patience.promise])
        if (end === 'overdue') await handle?.disconnect()
        const isKnown = end !== 'overdue' && end !== 'lost'
        const { exitCode, ...printed } = isKnown ? end : { exitCode: KILLED, ...report.soFar(part) }
        const isLate = exitCode === KILLED && performance.now() - startedAt >= timeoutMs
        if (outcome === 'aborted') return { exitCode: 130, outcome, ...printed }
        if (outcome === 'timeout' || isLate) return { exitCode: 124, outcome: 'timeout', ...printed }
        return { exitCode, outcome: end === 'lost' ? 'lost' : 'exited', ...printed }
      } catch (error) {
        refused = error instanceof InvalidArgumentError
        if (refused) return refuse('The command could not start.')
        throw error
      } finally {
        clearTimeout(timer)
        clearTimeout(endTimer)
        signal?.removeEventListener('abort', onAbort)
      }
    },
  }
}

/**
 * Explains why no command started: E2B refuses some, such as those with a null byte, and some sandboxes cannot start
 * any.
 */
function explainRefusal(report: SupervisorReport, connection: unknown): CommandEnd | undefined {
  const said = report.complaint()
  if (report.state() === 'refused') return refuse(`The command could not start: ${said}`)
  const exited = connection instanceof CommandExitError
  if (report.state() !== 'silent' || !exited) return undefined
  const missing = explainMissingPerl(connection.stderr)
  if (missing) throw missing
  return refuse(`The command could not start. ${connection.stderr.slice(-1000)}`)
}

function refuse(stderr: string) {
  return { exitCode: 126, stdout: '', stderr: `${stderr.trim()}\n`, outcome: 'exited' } as const
}

/** The first of some promises to resolve, or `quiet` if none does in time. */
async function firstOf<T>(promises: readonly (Promise<T> | undefined)[], ms: number): Promise<T | 'quiet'> {
  const timer = new AbortController()
  const quiet = delay(ms, 'quiet' as const, { signal: timer.signal })
  quiet.catch(() => {})
  try {
    return await Promise.race([...promises.filter((one) => one !== undefined), quiet])
  } finally {
    timer.abort()
  }
}
