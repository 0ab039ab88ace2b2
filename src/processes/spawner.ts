import { once } from 'node:events'
import type { Socket } from 'node:net'
import { listenForStreams, type Streams } from './listen-for-streams.ts'
import { createSpawnerHelper, type Reply } from './spawner-helper.ts'

const MAX_OUTPUT_BYTES = 1024 * 1024
/** A program that ends itself, and has not after this time, is killed. */
const MOST_TO_END_MS = 10_000

/** A program to start, and what it gets. It gets nothing of this process's environment. */
export interface Program {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Default: `/`. */
  readonly cwd?: string | undefined
  /** Default: the user of this process. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
}

export interface ProgramLimits {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds; default: no limit. */
  readonly timeoutMs?: number | undefined
  /** Most bytes of output; a program that prints more is killed. Default: 1 MiB. */
  readonly maxBytes?: number | undefined
}

export interface Ended {
  /** Null if a signal ended the program. */
  readonly code: number | null
  readonly stdout: string
  /** The first 16,000 characters of it. */
  readonly stderr: string
  /** Why the spawner killed the program; absent if it did not. */
  readonly problem?: 'time' | 'size' | undefined
}

/** A running program. It leads a process group of its own. */
export interface StartedProgram {
  readonly pid: number
  readonly stdin: Socket
  /** Like `stderr`, it begins paused. */
  readonly stdout: Socket
  readonly stderr: Socket
  /** Writes everything that a further stream will ever get, and closes it. 3 is the first such stream. */
  feed(stream: number, content: string | Uint8Array): void
  hasEnded(): boolean
  /** Kills the program's process group. */
  kill(): void
  /** Resolves when the program has ended and its outputs are closed. */
  readonly ended: Promise<void>
}

interface StartOptions {
  readonly socketPath: string
  readonly pipes: number
  readonly endsItself?: boolean | undefined
}

/**
 * Starts programs from a small helper process. A process with 500 MB of memory, such as this one with its embedded
 * database, would stop for about 30 ms whenever it starts a program, because the kernel copies its page tables.
 */
export interface Spawner {
  /**
   * Runs a program to its end.
   *
   * @throws {Error} with the system's `code` (`ENOENT`) if it cannot be started; the signal's reason.
   */
  run(command: Program, options?: ProgramLimits): Promise<Ended>
  /**
   * Starts a program and leaves it running.
   *
   * @param options.socketPath where the streams connect: a path of at most 107 bytes in a private directory.
   * @param options.pipes number of further streams that the program reads.
   * @param options.endsItself whether the program ends with its input, and with it all that it started in other
   *   process groups. When this process has ended, such a program is killed only if it takes seconds. Default: false.
   * @throws {Error} as `run`.
   */
  start(command: Program, options: StartOptions): Promise<StartedProgram>
  /** Ends every program that was started, and the helper. A later order starts the helper again. */
  close(): void
}

/**
 * Creates a spawner. It starts nothing before the first order.
 *
 * @param options.mostToEndMs for tests: how long a program may take that ends itself.
 */
export function createSpawner({ mostToEndMs = MOST_TO_END_MS } = {}): Spawner {
  const helper = createSpawnerHelper()
  return {
    async run(command, { signal, timeoutMs, maxBytes = MAX_OUTPUT_BYTES } = {}) {
      signal?.throwIfAborted()
      const replied = Promise.withResolvers<Reply>()
      const order = helper.open(replied.resolve)
      const onAbort = () => order.send({ type: 'kill' })
      signal?.addEventListener('abort', onAbort)
      order.send({ type: 'run', ...partsOf(command), timeoutMs, maxBytes })
      try {
        const reply = await replied.promise
        signal?.throwIfAborted()
        if (reply.type !== 'ended') throw failure(reply)
        const { code, stdout, stderr, problem } = reply
        return { code, stdout, stderr, problem }
      } finally {
        signal?.removeEventListener('abort', onAbort)
        order.end()
      }
    },

    async start(command, { socketPath, pipes, endsItself }) {
      const started = Promise.withResolvers<number>()
      const exited = Promise.withResolvers<void>()
      let pid: number | undefined
      let hasEnded = false
      const order = helper.open((reply) => {
        if (reply.type === 'started') {
          pid = reply.pid
          return started.resolve(pid)
        }
        hasEnded = true
        order.end()
        // The helper was killed, but its programs may go on.
        if (pid !== undefined && reply.type === 'failed') killGroup(pid)
        started.reject(failure(reply))
        exited.resolve()
      })
      let streams: Streams | undefined
      try {
        streams = await listenForStreams(order.id, socketPath)
        const endsInMs = endsItself ? mostToEndMs : undefined
        order.send({ type: 'start', ...partsOf(command), socketPath, pipes, endsInMs })
        const leader = await started.promise
        const [stdin, stdout, stderr] = await streams.connected
        const closed = [stdout, stderr].map((stream) => stream.closed || once(stream, 'close'))
        return {
          pid: leader,
          stdin,
          stdout,
          stderr,
          feed: (stream, content) =>
            order.send({ type: 'feed', stream, base64: Buffer.from(content).toString('base64') }),
          hasEnded: () => hasEnded,
          kill: () => order.send({ type: 'kill' }),
          ended: Promise.all([exited.promise, ...closed]).then(() => undefined),
        }
      } catch (error) {
        order.end()
        throw error
      } finally {
        streams?.close()
      }
    },

    close: helper.close,
  }
}

function partsOf({ program, args, env, cwd = '/', user }: Program) {
  return { program, args, options: { env, cwd, ...user } }
}

function failure(reply: Reply): Error {
  if (reply.type !== 'failed') return new Error('The program ended before it had started.')
  return Object.assign(new Error(reply.message), { code: reply.code })
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
