import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A process of a function: it runs while a call is open, and is stopped in between. */
export interface FunctionInstance {
  /** Where it answers; rejects if it ends before. */
  readonly port: Promise<number>
  begin(call: string): void
  /** Stops it, whatever is open. */
  freeze(): void
  thaw(): void
  /** As a host that needs the place: SIGTERM, and half a second later SIGKILL. */
  scaleDown(): Promise<void>
  kill(): void
  readonly ended: Promise<unknown>
  readonly isFrozen: boolean
}

interface InstanceOptions {
  /** `index.func`. */
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
  readonly onOutput: (text: string) => void
  readonly onDone: (call: string) => void
}

const TERM_MS = 500

export function startInstance({ directory, env, onOutput, onDone }: InstanceOptions): FunctionInstance {
  const program = join(import.meta.dirname, 'function-process.mjs')
  const child = spawn(process.execPath, [program, join(directory, 'index.mjs')], {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const open = new Set<string>()
  const started = Promise.withResolvers<number>()
  const ended = once(child, 'exit')
  let isFrozen = false
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => onOutput(String(chunk)))
  void ended.then(() => started.reject(new Error('The function ended before it answered.')))
  started.promise.catch(() => undefined)
  child.on('message', (message: { readonly port?: number; readonly done?: string }) => {
    if (message.port !== undefined) started.resolve(message.port)
    if (message.done === undefined) return
    open.delete(message.done)
    onDone(message.done)
    if (open.size === 0) freeze()
  })

  function freeze(): void {
    isFrozen = true
    child.kill('SIGSTOP')
  }

  function thaw(): void {
    isFrozen = false
    child.kill('SIGCONT')
  }

  return {
    port: started.promise,
    begin(call) {
      open.add(call)
      if (isFrozen) thaw()
    },
    freeze,
    thaw,
    async scaleDown() {
      thaw()
      child.kill('SIGTERM')
      await Promise.race([ended, delay(TERM_MS)])
      child.kill('SIGKILL')
    },
    kill: () => void child.kill('SIGKILL'),
    ended,
    get isFrozen() {
      return isFrozen
    },
  }
}
