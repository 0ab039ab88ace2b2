import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { processEnvironment } from './environment.ts'
import { QUICK_WASM } from './quick-wasm.ts'
import { eventually } from './start-world.ts'

/** A command of the product as its own process, as a person runs it. */
export interface StartedCommand {
  /** Standard output so far; at a terminal everything that was on it. */
  output(): string
  errors(): string
  /** Waits until the output has this text; an expression where a slow machine shows later times. */
  shows(text: string | RegExp): Promise<void>
  /** Keys of the person, or a line for standard input. */
  type(keys: string): void
  signal(name: NodeJS.Signals): void
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>
}

interface CommandOptions {
  /** Gives it a terminal of 80 columns. */
  readonly terminal?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** All of its standard input; default: nothing, and it stays open. */
  readonly input?: string
}

/** @param file below `src/commands`. */
export function startCommand(
  file: string,
  args: readonly string[],
  { terminal = false, env = {}, cwd, input }: CommandOptions = {},
): StartedCommand {
  const command = [
    process.execPath,
    QUICK_WASM,
    join(import.meta.dirname, '../../src/commands', file),
    ...args,
  ]
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const [program = '', ...rest] = terminal
    ? ['script', '-qefc', `stty cols 80 rows 40; exec ${quoted}`, '/dev/null']
    : command
  const child = spawn(program, rest, {
    env: { ...processEnvironment(), NO_COLOR: '1', TERM: 'xterm', SHELL: '/bin/sh', ...env },
    cwd,
    stdio: 'pipe',
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  child.stdin.on('error', () => undefined)
  if (input !== undefined) child.stdin.end(input)
  const ended = once(child, 'close').then(([code]) => code as number | null)
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill('SIGKILL')
    await ended
  })
  return {
    output: () => output,
    errors: () => errors,
    shows: async (text) =>
      void (await eventually(
        () => output,
        (shown) => (typeof text === 'string' ? shown.includes(text) : text.test(shown)),
      )),
    type: (keys) => void child.stdin.write(keys),
    signal: (name) => void child.kill(name),
    ended,
  }
}
