import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import { z } from 'zod'
import { LOOK_BYTES } from '../../sandbox/live-view.ts'
import type { ExecResult, Sandbox } from '../../sandbox/sandbox.ts'
import { showCommand } from '../../sandbox/show-command.ts'
import { shellQuote } from '../../text/shell-quote.ts'
import { stripTerminalOutput } from '../../text/terminal-text.ts'
import { boundText, cutHead, cutTail, joinCut } from './bounded-output.ts'
import { readsOnly } from './reads-only.ts'
import { backgroundScript, commandScript, logScript } from './shell-script.ts'
import { defineTool, type ToolContext, type ToolResult, toolError } from './tool.ts'

/** Linux allows 128 KiB for one argument, and quoting makes a command longer. */
const MAX_SCRIPT_CHARACTERS = 120_000
const MAX_BACKGROUND = 3

/** Keeps programs from waiting for input, using a pager or printing colours. */
const QUIET_ENV = {
  CI: '1',
  TERM: 'dumb',
  NO_COLOR: '1',
  PAGER: 'cat',
  GIT_PAGER: 'cat',
  GIT_EDITOR: 'true',
  GIT_TERMINAL_PROMPT: '0',
  DEBIAN_FRONTEND: 'noninteractive',
  PIP_PROGRESS_BAR: 'off',
}

/** For a command that only reads. The host recognises it by GIT_OPTIONAL_LOCKS and need not examine the workspace after it. */
const LOOKING_ENV = { ...QUIET_ENV, GIT_OPTIONAL_LOCKS: '0' }

interface BashArgs {
  readonly command: string
  readonly cwd?: string | undefined
  readonly timeout_s?: number | undefined
  readonly background?: boolean | undefined
}

export const bash = defineTool<BashArgs>({
  name: 'bash',
  description:
    'Runs a bash command from the workspace root. Each call is a fresh shell: no directory, variable or alias ' +
    'survives it. stdin is empty. Output over 16 KB is cut in the middle; the full log stays in a file named in ' +
    'the result. Start servers with background: true, which returns a process id and a log path.',
  args: z.strictObject({
    command: z.string().min(1),
    cwd: z.string().optional().describe('Directory, from the workspace root'),
    timeout_s: z.int().min(1).max(600).optional().describe('1 to 600; default 120'),
    background: z.boolean().optional(),
  }),
  aliases: { cmd: 'command', workdir: 'cwd', timeout: 'timeout_s', run_in_background: 'background' },
  title: ({ command }) => command,
  asked: ({ command }) => ({ command }),
  run: (args, context) => (args.background ? runInBackground(args, context) : runToItsEnd(args, context)),
})

async function runToItsEnd(args: BashArgs, context: ToolContext): Promise<ToolResult> {
  const { sandbox, signal } = context
  if (args.command.includes('\0')) return toolError('The command holds a NUL character. Leave it out.')
  const log = logPath(context)
  const boundary = randomBytes(12).toString('hex')
  const timeoutMs = (args.timeout_s ?? 120) * 1000
  const script = commandScript({ command: args.command, cwd: directory(args, context), log, boundary })
  if (script.length > MAX_SCRIPT_CHARACTERS) return tooLong()
  const startedAt = performance.now()
  const stopShowing = showCommand(sandbox.live, {
    command: args.command,
    signal,
    async look(ends) {
      const tail = `tail -c ${LOOK_BYTES} -- ${shellQuote(log)}`
      const { stdout, exitCode } = await sandbox.exec(tail, { timeoutMs: 5_000, signal: ends })
      return exitCode === 0 ? stdout : undefined
    },
  })
  const result = await sandbox
    .exec(script, {
      shell: 'agent',
      cwd: context.workspace,
      env: readsOnly(args.command) ? LOOKING_ENV : QUIET_ENV,
      timeoutMs,
      signal,
    })
    .finally(stopShowing)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const printed = await readPrinted({ context, result, log, boundary })
  if (printed === undefined) return toolError(explainSilence(result))
  const { exitCode } = result
  const output = stripTerminalOutput(printed.text)
  return {
    status: 'ok',
    text: [
      `exit ${exitCode} · ${seconds} s${explainEnd(result, timeoutMs)}`,
      output.trimEnd() || '(no output)',
      ...(printed.complete ? [] : [`[full log: ${log}, ${printed.lines} lines, ${printed.bytes} bytes]`]),
    ].join('\n'),
    fullBytes: printed.complete ? undefined : printed.bytes,
    detail: { kind: 'bash', command: args.command, output, exitCode },
    fingerprint: `${exitCode}\n${withoutTimes(output)}`,
  }
}

interface Printed {
  readonly text: string
  readonly complete: boolean
  readonly lines: number
  readonly bytes: number
}

/** Explains a command without output: its directory does not exist, or it removed its own log or shell. */
function explainSilence({ exitCode, stderr }: ExecResult): string {
  const why = boundText(stderr.trim(), 1000) || `exit ${exitCode}`
  return /: cd: /.test(why)
    ? `The command did not start: ${why}\nGive cwd as a directory that exists, from the workspace root.`
    : `What the command printed is lost (${why}); it may have run. See what it did before you run it again, and leave ~/.backspace and the shell around it alone.`
}

/** Reads the log of a command that timed out, since its script can no longer print it. */
async function readPrinted(given: {
  context: ToolContext
  result: ExecResult
  log: string
  boundary: string
}): Promise<Printed | undefined> {
  const { context, result, log, boundary } = given
  if (result.outcome === 'exited') return parsePrinted(result.stdout, boundary)
  if (context.signal.aborted) return { text: '(cancelled)', complete: true, lines: 0, bytes: 0 }
  const late = await context.sandbox.exec(logScript({ log, boundary }), { timeoutMs: 30_000 })
  return parsePrinted(late.stdout, boundary) ?? { text: '', complete: true, lines: 0, bytes: 0 }
}

function parsePrinted(stdout: string, boundary: string): Printed | undefined {
  const [counts, text, tail] = stdout.split(`${boundary}\n`)
  if (counts === undefined || text === undefined) return undefined
  // A BASH_ENV of the agent may have printed something before the counts.
  const [bytes = 0, lines = 0] = (counts.trimEnd().split('\n').at(-1) ?? '').split(/\s+/).map(Number)
  if (tail === undefined) return { text, complete: true, lines, bytes }
  const head = cutHead(text)
  const end = cutTail(tail)
  const missing = `${bytes - head.length - end.length} bytes left out`
  return { text: joinCut({ head, tail: end, missing }), complete: false, lines, bytes }
}

async function runInBackground(args: BashArgs, context: ToolContext): Promise<ToolResult> {
  const { sandbox, workspace, signal } = context
  const living = await livingGroups(sandbox, context.backgroundGroups)
  if (living.length >= MAX_BACKGROUND) {
    return toolError(
      `${MAX_BACKGROUND} background processes are running already (${living.join(', ')}). ` +
        'End one with "kill -- -<process id>" first.',
    )
  }
  const log = logPath(context)
  const script = backgroundScript({ command: args.command, cwd: directory(args, context), log })
  if (script.length > MAX_SCRIPT_CHARACTERS) return tooLong()
  const result = await sandbox.exec(script, {
    shell: 'agent',
    cwd: workspace,
    env: QUIET_ENV,
    timeoutMs: 30_000,
    signal,
  })
  const group = Number(result.stdout.trim())
  if (result.exitCode !== 0 || !Number.isInteger(group) || group <= 1) {
    return toolError(`The command did not start: ${boundText(result.stderr || result.stdout, 1000)}`)
  }
  context.backgroundGroups.add(group)
  const output = `started in the background: process id ${group}`
  return {
    status: 'ok',
    text: `${output}\nlog: ${log}\nEnd it with: kill -- -${group}`,
    detail: { kind: 'bash', command: args.command, output, exitCode: 0 },
  }
}

function tooLong(): ToolResult {
  return toolError('The command is too long. Write a script with the write tool and run that.')
}

/** The path of a call's log, outside of the workspace so that no log becomes part of the change. */
function logPath({ sandbox, callId }: ToolContext): string {
  const name = `${callId.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64)}-${randomBytes(3).toString('hex')}`
  return posix.join(sandbox.home, '.backspace', 'out', `${name}.log`)
}

function directory({ cwd = '.' }: BashArgs, { workspace }: ToolContext): string {
  return posix.resolve(workspace, cwd)
}

function explainEnd({ outcome }: ExecResult, timeoutMs: number): string {
  if (outcome === 'exited') return ''
  if (outcome === 'aborted') return ' · stopped: the run was cancelled or out of time'
  if (outcome === 'lost')
    return ' · the sandbox ended it before it was done; see what it did before you run it again'
  return (
    ` · stopped after ${timeoutMs / 1000} s; what it printed until then follows. ` +
    'Raise timeout_s (up to 600), run less, or use background: true for a server.'
  )
}

/** Removes times, so that the same failure has the same fingerprint however long it took. */
function withoutTimes(text: string): string {
  return text
    .replaceAll(/\b\d+(?:\.\d+)?\s?(?:ms|s|sec|secs|seconds|m|min)\b/g, '#')
    .replaceAll(/\b\d{1,2}:\d{2}:\d{2}(?:\.\d+)?\b/g, '#')
}

/**
 * Finds which of these process groups still run.
 *
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function livingGroups(sandbox: Sandbox, groups: Iterable<number>): Promise<readonly number[]> {
  const wanted = [...groups]
  if (wanted.length === 0) return []
  const result = await sandbox.exec(LIST_GROUPS, { timeoutMs: 10_000 })
  const living = new Set(result.stdout.split('\n').map(Number))
  return wanted.filter((group) => living.has(group))
}

/** Lists living process groups. `kill -0` will not do, because it succeeds for zombies. */
const LIST_GROUPS = `sed 's/^.*) //' /proc/[0-9]*/stat 2>/dev/null | awk '$1 != "Z" { print $3 }' | sort -u`

/** Kills process groups with all their processes. Does not throw when the sandbox is lost, since they died with it. */
export async function endGroups(sandbox: Sandbox, groups: Iterable<number>): Promise<void> {
  const targets = [...groups].map((group) => `-${group}`).join(' ')
  if (targets === '') return
  await sandbox
    .exec(`kill -KILL -- ${targets} 2>/dev/null; true`, { timeoutMs: 10_000 })
    .catch(() => undefined)
}
