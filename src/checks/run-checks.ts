import { createBoundedTail } from '../sandbox/box/bounded-tail.ts'
import type { NextCommand, Sandbox } from '../sandbox/sandbox.ts'
import { execShown } from '../sandbox/show-command.ts'
import { createRedact } from '../secrets/redact.ts'
import type { CheckCause } from '../text/check-ending.ts'
import { withoutBrokenStart } from '../text/cut-text.ts'
import { stripTerminalOutput } from '../text/terminal-text.ts'
import { inTurns } from '../time/pieces.ts'
import { COMMAND_DEFAULTS } from './command-defaults.ts'
import { limitText } from './command-limits.ts'
import { whyCannotRun } from './why-cannot-run.ts'
import { whyNoEnd } from './why-no-end.ts'

/** The result of one command of the repository that Backspace ran. */
export interface CheckResult {
  readonly command: string
  /** Only 0 means that the command passed. 124 after a timeout, usually 127 if a program is not installed. */
  readonly exitCode: number
  readonly durationMs: number
  /** The last lines of its output, both streams in order, without colours. */
  readonly tail: string
  /** Exit code of a first run on the same files that failed before this one passed: the check is flaky. */
  readonly failedFirst?: number | undefined
  /** Why the command has no result of its own: it could not run, did not end, or was not started. */
  readonly cause?: CheckCause | undefined
  /** The number of tests in a machine-readable report; undefined if there is none that can be read. */
  readonly tests?: CountedTests | undefined
}

export interface CountedTests {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** How one command of the repository ended, and what it printed. */
export interface CommandRun extends CheckResult {
  /** Both streams in order, without colours. If the middle is left out, a line says how much. */
  readonly output: string
}

export interface RunProjectCommandOptions {
  /** Absolute path inside the sandbox. */
  readonly workspace: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** How a command runs when more than its output is needed, such as a report of its tests. */
export interface CommandVariant {
  /** The command as people see it while it runs. */
  readonly title: string
  /** Bash that actually runs. */
  readonly command: string
  /** Variables in addition to `COMMAND_DEFAULTS`. */
  readonly env: Readonly<Record<string, string>>
  /** The most bytes of output to keep. */
  readonly maxOutputBytes: number
  /** A command that runs in the host's shell as soon as this one has ended. */
  readonly next?: NextCommand | undefined
}

/** One run of a command, as the sandbox reports it. */
export interface RawRun {
  readonly exitCode: number
  /** True if the command was stopped at its time limit. */
  readonly timedOut: boolean
  readonly durationMs: number
  /** Both streams in order, unmasked and with colours. */
  readonly printed: string
  /** The output of `next`; undefined if there was none, or if it did not exit with 0. */
  readonly nextPrinted?: string | undefined
}

const TAIL_LINES = 60
const TAIL_CHARS = 4000

/** Shell options as on GitHub Actions. Both streams go into one, so that errors appear where they happened. */
const PRELUDE = 'exec 2>&1 </dev/null; export PATH="$PWD/.venv/bin:$PATH"; set -eo pipefail\n'

const MAX_OUTPUT_BYTES = 256 * 1024

/**
 * Runs one command of the repository in the sandbox. A command that fails or times out is a result, not an error.
 *
 * @throws {SandboxError} if the sandbox is lost; `signal.reason` if the run is cancelled.
 */
export async function runProjectCommand(
  sandbox: Sandbox,
  command: string,
  options: RunProjectCommandOptions,
): Promise<CommandRun> {
  const variant = { title: command, command, env: {}, maxOutputBytes: MAX_OUTPUT_BYTES }
  const raw = await runRaw(sandbox, variant, options)
  return commandRun(command, raw, options)
}

/**
 * Runs one command and returns its raw result, which `commandRun` prepares for readers.
 *
 * @throws {SandboxError} if the sandbox is lost; `signal.reason` if the run is cancelled.
 */
export async function runRaw(
  sandbox: Sandbox,
  { title, command, env, maxOutputBytes, next }: CommandVariant,
  { workspace, timeoutMs, signal }: RunProjectCommandOptions,
): Promise<RawRun> {
  const startedAt = performance.now()
  const ended = await execShown(sandbox, `${PRELUDE}${command}`, {
    title,
    shell: 'agent',
    cwd: workspace,
    env: { ...COMMAND_DEFAULTS, ...env },
    timeoutMs,
    signal,
    maxOutputBytes,
    next,
  })
  signal.throwIfAborted()
  const durationMs = Math.round(performance.now() - startedAt)
  const followed = await ended.next
  signal.throwIfAborted()
  return {
    exitCode: ended.exitCode,
    timedOut: ended.outcome === 'timeout',
    durationMs,
    printed: ended.stdout,
    nextPrinted: followed?.exitCode === 0 ? followed.stdout : undefined,
  }
}

/** A run as people and the agent read it: masked, without colours, and with the cause if it has no result of its own. */
export async function commandRun(
  command: string,
  { exitCode, timedOut, durationMs, printed: raw }: RawRun,
  { timeoutMs }: Pick<RunProjectCommandOptions, 'timeoutMs'>,
): Promise<CommandRun> {
  // Secrets are masked before lines are cut, since half a secret would not be recognised.
  const printed = (await inTurns(redact.inPieces(stripTerminalOutput(bounded(raw))))).trimEnd()
  if (timedOut) {
    const output = `${printed}\n\n(stopped after ${limitText(timeoutMs)})`.trim()
    const text = whyNoEnd({ command, output: printed, limitMs: timeoutMs })
    const cause = { kind: 'did_not_end', text } as const
    return { command, exitCode: 124, durationMs, tail: tailOf(output), cause, output }
  }
  const why = exitCode === 0 ? undefined : whyCannotRun({ exitCode, output: printed })
  const cause = why === undefined ? undefined : ({ kind: 'cannot_run', text: why } as const)
  return { command, exitCode, durationMs, tail: tailOf(printed), cause, output: printed }
}

/** Cuts the middle of a long output as the sandbox does, for a variant that kept more of it. */
function bounded(printed: string): string {
  if (printed.length <= MAX_OUTPUT_BYTES / 2) return printed
  const kept = createBoundedTail(MAX_OUTPUT_BYTES)
  kept.push(Buffer.from(printed))
  return kept.bytes().toString()
}

const redact = createRedact([])

function tailOf(output: string): string {
  const lines = output.split('\n').slice(-TAIL_LINES).join('\n')
  return lines.length > TAIL_CHARS ? `…${withoutBrokenStart(lines.slice(1 - TAIL_CHARS))}` : lines
}

export interface RunChecksRequest {
  /** Absolute path inside the sandbox. */
  readonly workspace: string
  readonly commands: readonly string[]
  readonly signal: AbortSignal
  /** The most milliseconds for one command. */
  readonly limitOf: (command: string) => number
  /** The most milliseconds for all commands together. */
  readonly togetherMs: number
  /** Runs one command; default: `runProjectCommand`. */
  readonly runCommand?: typeof runProjectCommand | undefined
}

/** A command with less time than this is not started. */
const LEAST_MS = 200
/** Time kept for each later check, up to `RESERVED_SHARE` of the rest: a check that hangs must not use up all of the time. */
const RESERVED_MS = 60_000
const RESERVED_SHARE = 1 / 4

/**
 * Runs the repository's checks one after another.
 *
 * @returns one result per command; `cause` says which had no time left and did not start.
 *
 * @throws {SandboxError} if the sandbox is lost; `signal.reason` if the run is cancelled.
 */
export async function runChecks(
  sandbox: Sandbox,
  request: RunChecksRequest,
): Promise<readonly CheckResult[]> {
  const { commands, limitOf, togetherMs, workspace, signal, runCommand = runProjectCommand } = request
  const endsAt = performance.now() + togetherMs
  const results: CheckResult[] = []
  for (const [index, command] of commands.entries()) {
    const leftMs = endsAt - performance.now()
    const reservedMs = Math.min((commands.length - 1 - index) * RESERVED_MS, leftMs * RESERVED_SHARE)
    const timeoutMs = Math.round(Math.min(limitOf(command), leftMs - reservedMs))
    if (timeoutMs < LEAST_MS) {
      results.push(notStarted(command))
      continue
    }
    const { output: _, ...result } = await runCommand(sandbox, command, { workspace, timeoutMs, signal })
    results.push(result)
  }
  return results
}

function notStarted(command: string): CheckResult {
  const text = 'was not started: the time for all checks together was used up'
  return { command, exitCode: 124, durationMs: 0, tail: '', cause: { kind: 'not_started', text } }
}
