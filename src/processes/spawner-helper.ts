import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const PROGRAM = fileURLToPath(new URL('./spawner-process.js', import.meta.url))
/** The process takes 40 MB, and starting it again costs what it is there to avoid. */
const IDLE_MS = 60_000

export type Reply = z.infer<typeof REPLY>

/** What is asked of the helper about one program. */
export interface Order {
  readonly id: string
  send(message: { readonly type: string; readonly [name: string]: unknown }): void
  /** No reply is waited for any longer. */
  end(): void
}

/** The process that starts programs; see `spawner-process.js`. */
export interface SpawnerHelper {
  /** @param receive called with each reply; `failed` also if the process ends first. */
  open(receive: (reply: Reply) => void): Order
  /** Ends the process, and with it what it started. */
  close(): void
}

/** Starts with the first order, and again after it has ended. This process lives at least as long as an order is open. */
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
          // If it has ended, `exit` says so.
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
    // Ctrl-C is for the service, which ends this process when it no longer needs it.
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
    /** Null after a signal. */
    code: z.int().nullable(),
    problem: z.enum(['time', 'size']).optional(),
    stdout: z.string().default(''),
    stderr: z.string().default(''),
  }),
  z.object({ type: z.literal('failed'), id, code: z.string().optional(), message: z.string() }),
])
