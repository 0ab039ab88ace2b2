import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { CommandExitError, type CommandHandle, type Sandbox as E2bSandbox, InvalidArgumentError } from 'e2b'
import { untilAborted } from '../../time/within.ts'
import type { ExecOptions, ExecResult } from '../sandbox.ts'
import { type E2bCommand, e2bCommandScript, e2bKillScript } from './e2b-command-script.ts'
import { explainSandboxFailure } from './e2b-errors.ts'
import { createE2bOutput } from './e2b-output.ts'

/** A sandbox that commands run in, and what its next command has to clean up. */
interface E2bExecContext {
  readonly sandbox: E2bSandbox
  readonly home: string
  /** Directories of finished commands; the next command removes them. */
  readonly finished: string[]
}

/** One argument of a process is at most 128 KiB on Linux. */
const MAX_ARGUMENT_BYTES = 64 * 1024
/** If we fail to end a command, the sandbox ends it this much later. */
const SPARE_SECONDS = 15

/** The exit code of a file that cannot be executed. E2B refuses some commands, such as those with a null byte. */
const NOT_STARTED = { exitCode: 126, stdout: '', outcome: 'exited' } as const

const ABORTED = { exitCode: 130, stdout: '', stderr: '', outcome: 'aborted' } as const
/** Milliseconds in which an aborted command may still report its result; then the caller goes on without it. */
const ABORT_GRACE_MS = 1000

/** See `Sandbox.exec`. */
export async function execInE2b(
  context: E2bExecContext,
  command: string,
  options: ExecOptions,
): Promise<ExecResult> {
  const { signal } = options
  if (signal?.aborted) return ABORTED
  try {
    return await untilAborted(attempt(context, command, options), signal, ABORT_GRACE_MS)
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return ABORTED
    throw error
  }
}

async function attempt(context: E2bExecContext, command: string, options: ExecOptions): Promise<ExecResult> {
  try {
    return await runCommand(context, await prepareCommand(context, command, options), options)
  } catch (error) {
    if (error instanceof InvalidArgumentError)
      return { ...NOT_STARTED, stderr: 'The command could not start.\n' }
    throw await explainSandboxFailure(error, { isRunning: () => context.sandbox.isRunning() })
  }
}

async function prepareCommand(
  { sandbox, home, finished }: E2bExecContext,
  command: string,
  options: ExecOptions,
): Promise<E2bCommand> {
  const { timeoutMs = 120_000, maxOutputBytes = 1024 * 1024, cwd = home, stdin } = options
  const id = randomUUID()
  const directory = `${home}/.backspace/exec/${id}`
  const upload = async (name: string, bytes: Uint8Array) => {
    await sandbox.files.write(`${directory}/${name}`, new Uint8Array(bytes).buffer)
    return `${directory}/${name}`
  }
  const isLong = Buffer.byteLength(command) > MAX_ARGUMENT_BYTES
  return {
    id,
    command,
    cwd,
    directory,
    timeoutSeconds: Math.ceil(timeoutMs / 1000) + SPARE_SECONDS,
    keptBytes: Math.ceil(maxOutputBytes / 2),
    stdinFile: stdin === undefined ? undefined : await upload('stdin', Buffer.from(stdin)),
    commandFile: isLong ? await upload('command', Buffer.from(command)) : undefined,
    finished: finished.splice(0),
  }
}

async function runCommand(
  context: E2bExecContext,
  command: E2bCommand,
  options: ExecOptions,
): Promise<ExecResult> {
  const { sandbox, finished } = context
  const kill = async () => {
    await sandbox.commands.run(e2bKillScript(command.id), { timeoutMs: 10_000 })
  }
  const output = createE2bOutput({ sandbox, command, options })
  const handle = await sandbox.commands.run(e2bCommandScript(command), {
    background: true,
    timeoutMs: 0, // Ours applies instead: the SDK's ends only the shell, not what it started.
    envs: { ...options.env },
    onStdout: output.stdout.receive,
    onStderr: output.stderr.receive,
  })
  output.onFlood(() => endFlood(handle, kill))
  const { timeoutMs = 120_000, signal } = options
  const end = await waitForE2bCommand({ sandbox, command, handle, kill, timeoutMs, signal })
  finished.push(command.directory)
  const { exitCode, outcome, dropped } = end
  return {
    exitCode,
    outcome,
    stdout: await output.stdout.text(dropped),
    stderr: await output.stderr.text(dropped),
  }
}

async function endFlood(handle: CommandHandle, kill: () => Promise<void>): Promise<void> {
  await handle.disconnect()
  await kill()
}

interface E2bCommandEnd {
  readonly exitCode: number
  readonly outcome: ExecResult['outcome']
  /** The connection was lost, so output must be fetched from its files. */
  readonly dropped: boolean
}

/** Milliseconds that a killed command has to end before we stop waiting. */
const END_MS = 10_000
const POLL_MS = 1000
const KILLED = 137

/**
 * Waits for a command. After `timeoutMs` or on abort, ends it with all processes that it started. The SDK can do neither:
 * its time-out ends only the shell, its signal only the connection.
 *
 * @throws {Error} of the SDK, if the sandbox is gone.
 */
async function waitForE2bCommand(options: {
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
    void kill().catch(() => {}) // If this fails, the command does not end, and END_MS applies.
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

  /** The connection broke, but the command may still run: its exit code will appear in a file. */
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
