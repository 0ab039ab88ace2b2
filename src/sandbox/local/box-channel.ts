import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { StartedProgram } from '../../processes/spawner.ts'
import {
  type BoxReply,
  type BoxRequest,
  createFrameDecoder,
  encodeFrame,
  type Frame,
} from '../box/protocol.ts'
import { SandboxError } from '../sandbox.ts'

export interface RunningBox {
  /** The first process of a box, with the agent on its stdio. */
  readonly child: Pick<StartedProgram, 'stdin' | 'stdout' | 'stderr' | 'ended'>
  /** Ends every process of the box at once. May be called again, even after the box has ended. */
  readonly stop: () => void
  /** Names the limit that the box exceeded, if that is why it ended. */
  readonly exceeded?: (() => string | undefined) | undefined
}

/** One request to the agent of a box, and how to read its replies. */
export interface BoxQuestion<T> {
  readonly header: (id: number) => BoxRequest
  readonly body?: Uint8Array | undefined
  /** A box that sends a larger reply is ended. */
  readonly maxBodyBytes: number
  /** Called with each reply until it returns an answer. If it throws, the box is ended. */
  readonly take: (reply: BoxReply, body: Buffer) => { readonly answer: T } | undefined
}

export interface BoxChannel {
  /**
   * Resolves when the agent is ready.
   *
   * @throws {SandboxError} `unavailable`, with the stderr of the child.
   */
  open(init: Extract<BoxRequest, { type: 'init' }>): Promise<void>
  /** @throws {SandboxError} `gone` if the box ends first, else what the agent reports. */
  ask<T>(question: BoxQuestion<T>): { readonly id: number; readonly answered: Promise<T> }
  send(header: BoxRequest): void
  /** Ends every process of the box. Open questions fail with the reason. Safe to call twice. */
  end(reason: string, errorClass?: 'gone' | 'over_limit'): void
  /** True as soon as the box is being ended. */
  isOver(): boolean
  /** Resolves when the first process has ended. */
  readonly ended: Promise<void>
}

interface Pending {
  readonly maxBodyBytes: number
  readonly take: (reply: BoxReply, body: Buffer) => boolean
  readonly fail: (error: SandboxError) => void
}

/** Enough for errors and short answers to every question. */
const SMALL_BODY_BYTES = 64 * 1024
/** Most replies that belong to no question: output of programs that outlive their command. */
const MAX_STRAYS = 100_000
/** The longest header holds an error text of 10,000 characters. Parsing megabytes of JSON would stop the service. */
const REPLY_HEADER_BYTES = 128 * 1024

/**
 * Talks to the agent of a box. Replies are untrusted: each one is checked, the question limits its size, and a box that
 * breaks the rules is ended.
 */
export function createBoxChannel({ child, stop, exceeded }: RunningBox): BoxChannel {
  const pending = new Map<number, Pending>()
  const stderrText = collectText(child.stderr)
  let nextId = 1
  let strays = 0
  let over: SandboxError | undefined
  let onReady = () => {}

  function end(reason: string, errorClass: 'gone' | 'over_limit' = 'gone'): void {
    over ??= new SandboxError(errorClass, reason)
    for (const { fail } of pending.values()) fail(over)
    pending.clear()
    stop()
  }

  function receive({ header, body }: Frame): void {
    const reply = parseBoxReply(header)
    const question = reply.type === 'ready' ? undefined : pending.get(reply.id)
    if (question === undefined && ++strays > MAX_STRAYS) throw new Error('More replies than questions.')
    if (reply.type === 'ready') onReady()
    else if (question?.take(reply, body)) pending.delete(reply.id)
  }

  const ended = child.ended.then(() => {
    const limit = exceeded?.()
    if (limit === undefined) {
      end('The sandbox ended unexpectedly: its processes were killed, or the machine ran out of memory.')
    } else end(limit, 'over_limit')
  })
  const decode = createFrameDecoder(
    () => Math.max(SMALL_BODY_BYTES, ...[...pending.values()].map(({ maxBodyBytes }) => maxBodyBytes)),
    REPLY_HEADER_BYTES,
  )
  child.stdout.on('data', (chunk: Buffer) => {
    if (over) return
    try {
      for (const frame of decode(chunk)) receive(frame)
    } catch {
      end('The sandbox was ended because it sent invalid answers.')
    }
  })
  child.stdout.resume()

  return {
    ended,
    end,
    isOver: () => over !== undefined,
    send: (header) => void child.stdin.write(encodeFrame(header)),
    open: (init) =>
      new Promise((resolve, reject) => {
        onReady = resolve
        void ended.then(() => reject(new SandboxError('unavailable', stderrText())))
        child.stdin.write(encodeFrame(init))
      }),
    ask<T>(question: BoxQuestion<T>) {
      const id = nextId++
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      const take = (reply: BoxReply, body: Buffer) => {
        if (reply.type === 'failed') {
          reject(new SandboxError(reply.reason, reply.text))
          return true
        }
        const taken = question.take(reply, body)
        if (taken) resolve(taken.answer)
        return taken !== undefined
      }
      if (over) reject(over)
      else {
        pending.set(id, { maxBodyBytes: question.maxBodyBytes, take, fail: reject })
        child.stdin.write(encodeFrame(question.header(id), question.body))
      }
      return { id, answered: promise }
    },
  }
}

function collectText(stream: Readable): () => string {
  let text = ''
  stream.on('data', (chunk: Buffer) => {
    if (text.length < 10_000) text += chunk.toString('utf8')
  })
  stream.resume()
  return () => text
}

const id = z.int().positive()
const BOX_REPLY = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('output'), id, stream: z.enum(['stdout', 'stderr']) }),
  z.object({
    type: z.literal('exit'),
    id,
    exitCode: z.int().min(0).max(255),
    outcome: z.enum(['exited', 'timeout', 'aborted']),
    stdoutBytes: z.int().nonnegative(),
  }),
  z.object({ type: z.literal('file'), id }),
  z.object({
    type: z.literal('inspected'),
    id,
    root: z.string(),
    path: z.string(),
    kind: z.enum(['file', 'directory', 'missing', 'other']),
    size: z.int().nonnegative(),
    executable: z.boolean(),
    read: z.boolean(),
  }),
  z.object({ type: z.literal('written'), id }),
  z.object({ type: z.literal('forwarding'), id, port: z.int().min(1).max(65_535) }),
  z.object({
    type: z.literal('failed'),
    id,
    reason: z.enum(['path_not_found', 'no_space', 'unavailable']),
    text: z.string().max(10_000),
  }),
])

/** Checks a header from a box. @throws {Error} if the agent would never send it. */
function parseBoxReply(header: unknown): BoxReply {
  return BOX_REPLY.parse(header)
}
