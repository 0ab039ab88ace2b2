import type { Sandbox as E2bSandbox } from 'e2b'
import { type Sandbox, SandboxError } from '../sandbox.ts'
import { explainSandboxFailure } from './e2b-errors.ts'
import { execInE2b } from './e2b-exec.ts'
import { egressRules } from './egress-rules.ts'
import { endE2bSandbox } from './end-e2b-sandbox.ts'
import { inspectInE2b } from './inspect-in-e2b.ts'

interface OpenE2bSandbox {
  readonly sandbox: E2bSandbox
  /** How long it lives unless it is extended, in milliseconds. */
  readonly livesMs: number
  /** Called when it is known to be over, or must be by its time limit; maybe more than once. */
  readonly onOver?: () => void
}

/** Our `Sandbox` around one of the SDK. @throws {SandboxError} when it does not answer. */
export async function openE2bSandbox({ sandbox, livesMs, onOver }: OpenE2bSandbox): Promise<Sandbox> {
  const life = createLife(performance.now() + livesMs, onOver)
  const isRunning = () => (life.isOver() ? Promise.resolve(false) : sandbox.isRunning())
  const attempt = <T>(call: Promise<T>, path?: string) =>
    call.catch(async (error) => {
      const failure = await explainSandboxFailure(error, {
        isRunning,
        ...(path === undefined ? {} : { path }),
      })
      if (failure.class === 'gone') life.end()
      throw failure
    })
  const { stdout: home } = await attempt(sandbox.commands.run('printf %s "$HOME"'))
  const context = { sandbox, home: home.startsWith('/') && home !== '/' ? home : '/home/user', finished: [] }
  const absolute = (path: string) => (path.startsWith('/') ? path : `${context.home}/${path}`)

  const exec: Sandbox['exec'] = (command, options = {}) => attempt(execInE2b(context, command, options))
  const readFile: Sandbox['readFile'] = (path) =>
    attempt(sandbox.files.read(absolute(path), { format: 'bytes' }), path)
  return {
    id: sandbox.sandboxId,
    home: context.home,
    exec,
    readFile,
    inspect: (path, options) => inspectInE2b({ exec, readFile }, path, options),
    async writeFile(path, bytes) {
      await attempt(sandbox.files.write(absolute(path), new Uint8Array(bytes).buffer), path)
    },
    setEgress: (policy) => attempt(sandbox.updateNetwork(egressRules(policy))),
    async extend(ms) {
      const end = performance.now() + ms
      if (end <= life.endsAt()) return // Setting a time limit can shorten it as well.
      await attempt(sandbox.setTimeout(ms))
      life.extend(end)
    },
    async kill() {
      life.stop()
      try {
        await endE2bSandbox((requestTimeoutMs) => sandbox.kill({ requestTimeoutMs }))
      } catch (cause) {
        throw new SandboxError('unreachable', 'E2B did not end the sandbox in time.', { cause })
      } finally {
        life.end()
      }
    },
  }
}

/** Times by a clock that nobody sets. */
interface Life {
  readonly endsAt: () => number
  readonly isOver: () => boolean
  extend(endsAt: number): void
  /** Nothing is asked of it any more. */
  stop(): void
  end(): void
}

function createLife(endsAt: number, onOver: (() => void) | undefined): Life {
  let deadline = endsAt
  let over = false
  let timer: NodeJS.Timeout | undefined
  const watch = () => {
    clearTimeout(timer)
    if (onOver && !over) timer = setTimeout(onOver, deadline - performance.now()).unref()
  }
  const stop = () => {
    over = true
    clearTimeout(timer)
  }
  watch()
  return {
    endsAt: () => deadline,
    isOver: () => over,
    extend(next) {
      deadline = next
      watch()
    },
    stop,
    end() {
      stop()
      onOver?.()
    },
  }
}
