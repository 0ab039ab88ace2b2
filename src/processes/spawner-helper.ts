import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const PROGRAM = fileURLToPath(new URL('./spawner-process.js', import.meta.url))
/** The process takes 40 MB, but starting it again costs the very pause that it is there to avoid. */
const IDLE_MS = 60_000

export type Reply = z.infer<typeof REPLY>

/** One request to the helper, about one program. */
export interface Order {
  readonly id: string
  send(message: { readonly type: string; readonly [name: string]: unknown }): void
  /** Stops waiting for replies. */
  end(): void
}

/** The process that starts other programs; see `spawner-process.js`. */
export interface SpawnerHelper {
  /** @param receive called with each reply. It also gets `failed` if the process ends first. */
  open(receive: (reply: Reply) => void): Order
  /** Ends the process, and every program that it started. */
  close(): void
}

/**
 * The helper starts with the first order, and again after it has ended. This process stays alive as long as an order is
 * open.
 */
export function createSpawnerHelper(): SpawnerHelper {
  let current: Running | undefined
  let idle: NodeJS.Timeout | undefined

  function start(): Running {
    const running = { child: forkHelper(), orders: new Map<string, (reply: Reply) => void>() }
    const { child, orders } = running
    child.on('message', (message) => {
      const reply = REPLY.parse(message)
      orders.get(reply.id)?.(reply)
    })
    const onEnd = () => {
      if (current === running) current = undefined
      for (const [id, receive] of orders) receive({ type: 'failed', id, message: 'The spawner ended.' })
    }
    child.once('error', onEnd).once('exit', onEnd)
    return running
  }

  function close(): void {
    if (current?.child.connected) current.child.disconnect()
    current = undefined
  }

  return {
    open(receive) {
      const id = randomUUID()
      clearTimeout(idle)
      current ??= start()
      const running = current
      const { child, orders } = running
      orders.set(id, receive)
      child.channel?.ref()
      return {
        id,
        send: (message) => {
          // If the helper has ended, its `exit` event reports that.
          if (child.connected) child.send({ ...message, id }, () => {})
        },
        end: () => {
          orders.delete(id)
          if (orders.size > 0) return
          child.channel?.unref()
          if (running === current) idle = setTimeout(close, IDLE_MS).unref()
        },
      }
    },
    close,
  }
}

interface Running {
  readonly child: ChildProcess
  readonly orders: Map<string, (reply: Reply) => void>
}

function forkHelper(): ChildProcess {
  const child = fork(PROGRAM, {
    execArgv: [],
    env: {},
    cwd: '/',
    // Ctrl-C is meant for the service, which ends this process when it no longer needs it.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  child.unref()
  return child
}

const id = z.string()
const REPLY = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), id, pid: z.int() }),
  z.object({
    type: z.literal('ended'),
    id,
    /** Null if a signal ended the program. */
    code: z.int().nullable(),
    problem: z.enum(['time', 'size']).optional(),
    stdout: z.string().default(''),
    stderr: z.string().default(''),
  }),
  z.object({ type: z.literal('failed'), id, code: z.string().optional(), message: z.string() }),
])
