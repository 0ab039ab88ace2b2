import { setTimeout as delay } from 'node:timers/promises'
import { CommandExitError, type CommandHandle, type Sandbox as E2bSandbox } from 'e2b'
import type { ExecResult } from '../sandbox.ts'
import type { E2bCommand } from './e2b-command-script.ts'

export interface E2bCommandEnd {
  readonly exitCode: number
  readonly outcome: ExecResult['outcome']
  /** The connection was lost meanwhile: output has to be fetched. */
  readonly dropped: boolean
}

/** What was told to end has this long to do so before we stop waiting. */
const END_MS = 10_000
const POLL_MS = 1000
const KILLED = 137

/**
 * Waits for a command, ending it and all that it started after `timeoutMs` or on abort. Neither of the SDK's own
 * ways would do: its time-out ends the shell only, and its signal only the connection.
 *
 * @throws {Error} of the SDK, when the sandbox is gone.
 */
export async function waitForE2bCommand(options: {
  readonly sandbox: E2bSandbox
  readonly command: E2bCommand
  readonly handle: CommandHandle
  readonly kill: () => Promise<void>
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}): Promise<E2bCommandEnd> {
  const { sandbox, command, handle, kill, timeoutMs, signal } = options
  const startedAt = performance.now()
  const patience = Promise.withResolvers<undefined>()
  let outcome: ExecResult['outcome'] = 'exited'
  let endTimer: NodeJS.Timeout | undefined

  const stop = (why: 'timeout' | 'aborted') => {
    if (outcome !== 'exited') return
    outcome = why
    void kill().catch(() => {}) // Whether it worked shows in whether the command ends.
    endTimer = setTimeout(() => patience.resolve(undefined), END_MS)
  }
  const timer = setTimeout(stop, timeoutMs, 'timeout')
  const onAbort = () => stop('aborted')
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  try {
    const status = await Promise.race([waitForExit(), patience.promise])
    if (status === undefined) await handle.disconnect()
    return { ...describeEnd(status?.exitCode ?? KILLED), dropped: status?.dropped ?? false }
  } finally {
    clearTimeout(timer)
    clearTimeout(endTimer)
    signal?.removeEventListener('abort', onAbort)
  }

  function describeEnd(exitCode: number): Omit<E2bCommandEnd, 'dropped'> {
    const overdue = performance.now() - startedAt >= timeoutMs && exitCode === KILLED
    if (outcome === 'timeout' || (outcome === 'exited' && overdue))
      return { exitCode: 124, outcome: 'timeout' }
    if (outcome === 'aborted') return { exitCode: 130, outcome }
    return { exitCode: exitCode < 0 ? KILLED : exitCode, outcome }
  }

  async function waitForExit(): Promise<{ readonly exitCode: number; readonly dropped: boolean }> {
    try {
      return { exitCode: (await handle.wait()).exitCode, dropped: false }
    } catch (error) {
      if (error instanceof CommandExitError) return { exitCode: error.exitCode, dropped: false }
      return { exitCode: await readExitCode(error), dropped: true }
    }
  }

  /** The stream broke, the command may well run on: its exit code will appear in a file. */
  async function readExitCode(cause: unknown): Promise<number> {
    const deadline = startedAt + timeoutMs + 2 * END_MS
    for (;;) {
      if (!(await sandbox.isRunning())) throw cause
      const text = await sandbox.files.read(`${command.directory}/exit`).catch(() => '')
      if (/^\d+\s*$/.test(text)) return Number(text)
      if (performance.now() > deadline) throw cause
      await delay(POLL_MS)
    }
  }
}
