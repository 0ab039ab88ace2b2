import { type ChildProcess, type IOType, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { type Readable, Writable } from 'node:stream'
import type { Shell } from '../sandbox.ts'
import { type BoundedTail, createBoundedTail } from './bounded-tail.ts'
import type { OutputPipes } from './output-pipes.ts'
import { isGroupBusy, killProcessTree } from './process-tree.ts'
import { MARKER } from './protocol.ts'
import { bashArguments } from './shells.ts'

export interface CommandOptions {
  readonly command: string
  readonly shell: Shell
  /** Home of the sandbox's user. The agent's shell reads its profile. */
  readonly home: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly maxOutputBytes: number
  readonly stdin: Uint8Array
  /** Value of the marker variable, unique on this machine. */
  readonly marker: string
  /** See ProcessTree.orphans. */
  readonly orphans: boolean
  /** Pipes for the output, which this code closes. Without them, two `cat` processes pass the output on. */
  readonly pipes: ReturnType<OutputPipes['take']>
  /** Called with live output. Resolves when more may be sent. */
  readonly onOutput: ((stream: 'stdout' | 'stderr', chunk: Buffer) => Promise<void>) | undefined
}

interface CommandEnd {
  readonly exitCode: number
  readonly outcome: 'exited' | 'timeout' | 'aborted'
  readonly stdout: Buffer
  readonly stderr: Buffer
}

export interface RunningCommand {
  /** Process id of the command, and id of its process group; undefined if the command could not start. */
  readonly pid: number | undefined
  readonly ended: Promise<CommandEnd>
  /** The part of stdout so far that is kept. */
  printed(): Buffer
  abort(): void
}

/**
 * Background processes may hold the pipes of a finished command open. Reading ends after this much silence, unless the
 * process that passes the output on still has work to do, or the host takes no more for now.
 */
const SILENCE_MS = 200
const GRACE_MS = 5000

/** Linux allows 128 KiB for one argument, so longer commands come through a pipe. */
const MAX_ARGUMENT_BYTES = 64 * 1024
const READ_COMMAND = 'set -- "$(cat <&3)"; exec 3<&-; eval "$1"'
/** The shell makes pipes where they are missing, since a command must be able to open its output by name. */
const WITH_PIPES = 'exec > >(exec cat) 2> >(exec cat >&2); exec bash "$@"'
/** Names of the processes that pass the output on in that case. Before `cat` starts, the process is a `bash`. */
const PASSING_ON = ['cat', 'bash']

/** Starts a bash command in its own process group. Never throws: a command that cannot start ends with 126, 127 or 254. */
export function runCommand(options: CommandOptions): RunningCommand {
  let started: Started
  try {
    started = startBash(options)
  } catch (error) {
    const { exitCode, error: text = '' } = describeStartFailure(error)
    const end = { exitCode, outcome: 'exited', stdout: Buffer.alloc(0), stderr: Buffer.from(text) } as const
    return { pid: undefined, ended: Promise.resolve(end), printed: () => end.stdout, abort: () => {} }
  }
  const { child, stdin } = started
  const stdout = collect({ stream: started.stdout, name: 'stdout', options })
  const stderr = collect({ stream: started.stderr, name: 'stderr', options })
  stdin.on('error', () => {}) // The command may exit without reading its input.
  stdin.end(options.stdin)

  let outcome: CommandEnd['outcome'] = 'exited'
  const stop = (why: 'timeout' | 'aborted') => {
    if (outcome !== 'exited' || child.exitCode !== null || child.signalCode !== null) return
    outcome = why
    killProcessTree({ pid: child.pid, marker: options.marker, orphans: options.orphans })
  }
  const timer = setTimeout(stop, options.timeoutMs, 'timeout')

  async function waitForEnd(): Promise<CommandEnd> {
    const status = await waitForExit(started)
    clearTimeout(timer)
    if (status.error !== undefined) stderr.push(Buffer.from(status.error))
    const exitCode = outcome === 'exited' ? status.exitCode : outcome === 'timeout' ? 124 : 130
    return { exitCode, outcome, stdout: stdout.bytes(), stderr: stderr.bytes() }
  }
  return { pid: child.pid, ended: waitForEnd(), printed: stdout.bytes, abort: () => stop('aborted') }
}

interface Started {
  readonly child: ChildProcess
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
}

function startBash(options: CommandOptions): Started {
  const { pipes } = options
  const isLong = Buffer.byteLength(options.command) > MAX_ARGUMENT_BYTES
  const command = isLong ? READ_COMMAND : options.command
  const words = bashArguments(options.shell, command, options.home)
  let child: ChildProcess
  try {
    const stdio: (IOType | number)[] = ['pipe', pipes?.stdout.write ?? 'pipe', pipes?.stderr.write ?? 'pipe']
    if (isLong) stdio.push('pipe')
    child = spawn('bash', pipes ? words : ['--noprofile', '--norc', '-c', WITH_PIPES, 'bash', ...words], {
      cwd: options.cwd,
      env: { ...options.env, [MARKER]: options.marker },
      detached: true,
      stdio,
    })
  } catch (error) {
    if (pipes) for (const { read } of Object.values(pipes)) closeSync(read)
    throw error
  } finally {
    // Closes the write ends here, so that reading ends when the last process that has the pipe has ended.
    if (pipes) for (const { write } of Object.values(pipes)) closeSync(write)
  }
  const script = child.stdio[3]
  if (script instanceof Writable) script.on('error', () => {}).end(options.command)
  const { stdin, stdout, stderr } = child as ChildProcess & { readonly stdin: Writable }
  const streams = pipes
    ? { stdout: readFrom(pipes.stdout.read), stderr: readFrom(pipes.stderr.read) }
    : { stdout: stdout as Readable, stderr: stderr as Readable } // `pipe` makes both readable.
  return { child, stdin, ...streams }
}

function readFrom(fd: number): Readable {
  return new Socket({ fd, readable: true, writable: false }).on('error', () => {})
}

/** Goes on reading after the command has ended, so that background processes neither block nor fail. */
function collect(from: {
  readonly stream: Readable
  readonly name: 'stdout' | 'stderr'
  readonly options: CommandOptions
}): BoundedTail {
  const { stream, name, options } = from
  const kept = createBoundedTail(options.maxOutputBytes)
  stream.on('data', (chunk: Buffer) => {
    const shown = kept.totalBytes()
    kept.push(chunk)
    if (!options.onOutput || shown >= options.maxOutputBytes) return
    stream.pause()
    void options.onOutput(name, chunk).finally(() => stream.resume())
  })
  return kept
}

interface ExitStatus {
  readonly exitCode: number
  readonly error?: string
}

function waitForExit({ child, stdout, stderr }: Started): Promise<ExitStatus> {
  return new Promise((resolve) => {
    let status: ExitStatus | undefined
    let silence: NodeJS.Timeout | undefined
    let grace: NodeJS.Timeout | undefined
    const open = new Set([stdout, stderr])
    const finish = () => {
      clearTimeout(silence)
      clearTimeout(grace)
      for (const stream of [stdout, stderr]) stream.off('data', onData)
      resolve(status ?? { exitCode: 1 })
    }
    let heard = false
    const onData = () => {
      heard = true
      silence?.refresh()
    }
    const isHeld = () => [...open].some((stream) => stream.isPaused())
    const onSilence = () => {
      if (isHeld() || (child.pid !== undefined && isGroupBusy(child.pid, PASSING_ON)))
        return silence?.refresh()
      // On a busy machine timers are late, and they run before new input is read. An immediate runs after it.
      heard = false
      setImmediate(() => {
        if (!heard) finish()
      })
    }
    for (const stream of open) {
      stream.once('close', () => {
        open.delete(stream)
        if (status && open.size === 0) finish()
      })
    }
    child.on('error', (error) => {
      status = describeStartFailure(error)
      finish()
    })
    child.on('exit', (code, signalName) => {
      status = { exitCode: code ?? 128 + signalNumber(signalName) }
      if (open.size === 0) return finish()
      silence = setTimeout(onSilence, SILENCE_MS)
      grace = setTimeout(() => (isHeld() ? grace?.refresh() : finish()), GRACE_MS)
      for (const stream of open) stream.on('data', onData)
    })
  })
}

function describeStartFailure(error: unknown): ExitStatus {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
  if (code === 'ENOENT') {
    return {
      exitCode: 127,
      error: 'The command could not start: the working directory does not exist, or bash is not installed.\n',
    }
  }
  if (code === 'EAGAIN' || code === 'ENOMEM') {
    return { exitCode: 254, error: 'The command could not start: too many processes, or out of memory.\n' }
  }
  return { exitCode: 126, error: `The command could not start (${code}).\n` }
}

function signalNumber(name: NodeJS.Signals | null): number {
  switch (name) {
    case 'SIGHUP':
      return 1
    case 'SIGINT':
      return 2
    case 'SIGABRT':
      return 6
    case 'SIGKILL':
      return 9
    case 'SIGSEGV':
      return 11
    case 'SIGTERM':
      return 15
    default:
      return 0
  }
}
