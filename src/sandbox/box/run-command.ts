import { type ChildProcess, spawn } from 'node:child_process'
import { type BoundedTail, createBoundedTail } from './bounded-tail.ts'
import { killProcessTree } from './process-tree.ts'
import { MARKER } from './protocol.ts'

export interface CommandOptions {
  readonly command: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly maxOutputBytes: number
  readonly stdin: Uint8Array
  /** Value of the marker variable, unique on this machine. */
  readonly marker: string
  /** See ProcessTree.orphans. */
  readonly orphans: boolean
  /** Called with output as it comes; resolves when more may be sent. */
  readonly onOutput: ((stream: 'stdout' | 'stderr', chunk: Buffer) => Promise<void>) | undefined
}

export interface CommandEnd {
  readonly exitCode: number
  readonly outcome: 'exited' | 'timeout' | 'aborted'
  readonly stdout: Buffer
  readonly stderr: Buffer
}

export interface RunningCommand {
  /** Of its process group as well; undefined when it could not start. */
  readonly pid: number | undefined
  readonly ended: Promise<CommandEnd>
  abort(): void
}

/** What a finished command left running may hold its pipes open; this long we wait for its last words. */
const GRACE_MS = 200

/** Starts a bash command in a process group of its own. Never throws: what cannot start ends with 127 or 126. */
export function runCommand(options: CommandOptions): RunningCommand {
  const child = spawn('bash', ['-c', options.command], {
    cwd: options.cwd,
    env: { ...options.env, [MARKER]: options.marker },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const stdout = collect({ stream: child.stdout, name: 'stdout', options })
  const stderr = collect({ stream: child.stderr, name: 'stderr', options })
  child.stdin.on('error', () => {}) // A command need not read its input.
  child.stdin.end(options.stdin)

  let outcome: CommandEnd['outcome'] = 'exited'
  const stop = (why: 'timeout' | 'aborted') => {
    if (outcome !== 'exited' || child.exitCode !== null || child.signalCode !== null) return
    outcome = why
    killProcessTree({ pid: child.pid, marker: options.marker, orphans: options.orphans })
  }
  const timer = setTimeout(stop, options.timeoutMs, 'timeout')

  async function waitForEnd(): Promise<CommandEnd> {
    const status = await waitForExit(child)
    clearTimeout(timer)
    if (status.error !== undefined) stderr.push(Buffer.from(status.error))
    const exitCode = outcome === 'exited' ? status.exitCode : outcome === 'timeout' ? 124 : 130
    return { exitCode, outcome, stdout: stdout.bytes(), stderr: stderr.bytes() }
  }
  return { pid: child.pid, ended: waitForEnd(), abort: () => stop('aborted') }
}

/** Keeps draining after the end as well, so that what still runs in the background does not block or break. */
function collect(from: {
  readonly stream: NodeJS.ReadableStream
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

function waitForExit(child: ChildProcess): Promise<ExitStatus> {
  return new Promise((resolve) => {
    let grace: NodeJS.Timeout | undefined
    let status: ExitStatus = { exitCode: 1 }
    child.on('error', (error: NodeJS.ErrnoException) => resolve(describeStartFailure(error)))
    child.on('exit', (code, signalName) => {
      status = { exitCode: code ?? 128 + signalNumber(signalName) }
      grace = setTimeout(() => resolve(status), GRACE_MS)
    })
    child.on('close', () => {
      clearTimeout(grace)
      resolve(status)
    })
  })
}

function describeStartFailure(error: NodeJS.ErrnoException): ExitStatus {
  if (error.code === 'ENOENT') {
    return {
      exitCode: 127,
      error: 'The command could not start: no such working directory, or no bash here.\n',
    }
  }
  if (error.code === 'EAGAIN' || error.code === 'ENOMEM') {
    return { exitCode: 254, error: 'The command could not start: too many processes, or no memory left.\n' }
  }
  return { exitCode: 126, error: `The command could not start: ${error.code ?? 'unknown reason'}.\n` }
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
