import { StringDecoder } from 'node:string_decoder'
import { untilAborted } from '../../time/within.ts'
import type { BoxIdentity } from '../box/hidden-tls.ts'
import type { BoxReply, BoxRequest } from '../box/protocol.ts'
import { LOOK_BYTES } from '../live-view.ts'
import {
  type ExecOptions,
  type ExecResult,
  type InspectedPath,
  type InspectOptions,
  MAX_READ_BYTES,
  type ReadFileOptions,
  type WriteFileOptions,
} from '../sandbox.ts'
import { type BoxChannel, type BoxQuestion, createBoxChannel, type RunningBox } from './box-channel.ts'

/** A port inside a box. */
export interface OpenPort {
  readonly port: number
  /** Closes the port, and breaks its connections. */
  close(): void
}

/** A running box: the processes behind a local sandbox. */
export interface BoxProcess {
  /** Sets variables for all further commands. A command's own variables win. */
  setEnv(env: Readonly<Record<string, string>>): void
  /** Sets the certificate for programs that hide the name of a host; replaces the last one. */
  setIdentity(identity: BoxIdentity): void
  exec(command: string, options: ExecOptions): Promise<ExecResult>
  readFile(path: string, options?: ReadFileOptions): Promise<Uint8Array>
  inspect(path: string, options: InspectOptions): Promise<InspectedPath>
  writeFile(path: string, bytes: Uint8Array, options?: WriteFileOptions): Promise<void>
  /**
   * Opens a port inside the box that leads to a unix socket. The socket's path is one inside the box, too.
   *
   * @throws {SandboxError}
   */
  openPort(socketPath: string): Promise<OpenPort>
  /** Ends the box, and resolves when all of its processes have ended. Open questions fail with `reason`. */
  kill(reason: string, errorClass?: 'gone' | 'over_limit'): Promise<void>
  /** True as soon as the box is being ended. */
  isOver(): boolean
  /** Resolves when the box has ended. */
  readonly ended: Promise<void>
}

/** If a box does not end a command within this time after the limit or an abort, its agent was tampered with. */
const PATIENCE_MS = 15_000
/** Each piece of output counts as at least this many bytes, so that even empty ones reach the limit some time. */
const LEAST_BYTES = 16

/** Connects to the agent of a box. @throws {SandboxError} `unavailable` if it does not start. */
export async function startBoxProcess(
  box: RunningBox,
  init: Extract<BoxRequest, { type: 'init' }>,
): Promise<BoxProcess> {
  const channel = createBoxChannel(box)
  await channel.open(init)
  let env: Readonly<Record<string, string>> = {}
  function ask<T>(question: BoxQuestion<T>, signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    return untilAborted(channel.ask(question).answered, signal)
  }
  return {
    setEnv(next) {
      env = next
    },
    setIdentity: (identity) => channel.send({ type: 'identity', ...identity }),
    exec: (command, options) =>
      execInBox(channel, {
        command,
        home: init.home,
        options: { ...options, env: { ...env, ...options.env } },
      }),
    readFile: (path, { maxBytes = MAX_READ_BYTES, signal } = {}) =>
      ask(
        {
          header: (id) => ({ type: 'read', id, path, maxBytes }),
          maxBodyBytes: maxBytes,
          take: (reply, body) => (reply.type === 'file' ? { answer: new Uint8Array(body) } : undefined),
        },
        signal,
      ),
    inspect: (path, { cwd, maxBytes, signal }) =>
      ask<InspectedPath>(
        {
          header: (id) => ({ type: 'inspect', id, path, cwd, maxBytes }),
          maxBodyBytes: maxBytes,
          take(reply, body) {
            if (reply.type !== 'inspected') return undefined
            const { root, path, kind, size, executable, read } = reply
            const bytes = read ? new Uint8Array(body) : undefined
            return { answer: { root, path, kind, size, executable, bytes } }
          },
        },
        signal,
      ),
    writeFile: (path, bytes, { signal } = {}) =>
      ask<void>(
        {
          header: (id) => ({ type: 'write', id, path }),
          body: bytes,
          maxBodyBytes: 0,
          take: (reply) => (reply.type === 'written' ? { answer: undefined } : undefined),
        },
        signal,
      ),
    async openPort(socketPath) {
      const { id, answered } = channel.ask<number>({
        header: (id) => ({ type: 'forward', id, socketPath }),
        maxBodyBytes: 0,
        take: (reply) => (reply.type === 'forwarding' ? { answer: reply.port } : undefined),
      })
      return { port: await answered, close: () => channel.send({ type: 'abort', id }) }
    },
    isOver: () => channel.isOver(),
    async kill(reason, errorClass) {
      channel.end(reason, errorClass)
      await channel.ended
    },
    ended: channel.ended,
  }
}

async function execInBox(
  channel: BoxChannel,
  request: { readonly command: string; readonly home: string; readonly options: ExecOptions },
): Promise<ExecResult> {
  const { command, home, options } = request
  const { shell = 'host', timeoutMs = 120_000, maxOutputBytes = 1024 * 1024 } = options
  const { cwd = home, env = {}, signal, stdin } = options
  const take = createOutputTaker(options, maxOutputBytes)
  const { id, answered } = channel.ask<ExecResult>({
    header: (id) => {
      const live = options.onStdout !== undefined || options.onStderr !== undefined
      return { type: 'exec', id, command, shell, cwd, env, timeoutMs, maxOutputBytes, live }
    },
    body: typeof stdin === 'string' ? Buffer.from(stdin) : stdin,
    maxBodyBytes: 2 * maxOutputBytes + 1024,
    take,
  })

  options.onStart?.(async () => {
    const printed = await channel.ask<Buffer>({
      header: (lookId) => ({ type: 'look', id: lookId, of: id, maxBytes: LOOK_BYTES }),
      maxBodyBytes: LOOK_BYTES,
      take: (reply, body) => (reply.type === 'file' ? { answer: body } : undefined),
    }).answered
    return printed.toString('utf8')
  })
  const giveUp = () => channel.end('The sandbox was ended because it did not stop a command in time.')
  let patience = setTimeout(giveUp, timeoutMs + PATIENCE_MS)
  const abort = () => {
    clearTimeout(patience)
    patience = setTimeout(giveUp, PATIENCE_MS)
    channel.send({ type: 'abort', id })
  }
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort, { once: true })
  try {
    return await answered
  } finally {
    clearTimeout(patience)
    signal?.removeEventListener('abort', abort)
  }
}

/** Passes live output on as text, and turns the last reply into the result of the command. */
function createOutputTaker(
  options: ExecOptions,
  maxOutputBytes: number,
): (reply: BoxReply, body: Buffer) => { readonly answer: ExecResult } | undefined {
  const streams = {
    stdout: { decoder: new StringDecoder('utf8'), emit: options.onStdout, bytes: 0 },
    stderr: { decoder: new StringDecoder('utf8'), emit: options.onStderr, bytes: 0 },
  }
  return (reply, body) => {
    if (reply.type === 'output') {
      const stream = streams[reply.stream]
      stream.bytes += Math.max(body.length, LEAST_BYTES)
      if (stream.bytes > maxOutputBytes + 1024 * 1024)
        throw new Error('More live output than the agent would send.')
      const text = stream.decoder.write(body)
      if (text !== '') stream.emit?.(text)
      return undefined
    }
    if (reply.type !== 'exit') return undefined
    for (const { decoder, emit } of Object.values(streams)) {
      const rest = decoder.end()
      if (rest !== '') emit?.(rest)
    }
    const stdout = body.subarray(0, reply.stdoutBytes).toString('utf8')
    const stderr = body.subarray(reply.stdoutBytes).toString('utf8')
    return { answer: { exitCode: reply.exitCode, outcome: reply.outcome, stdout, stderr } }
  }
}
