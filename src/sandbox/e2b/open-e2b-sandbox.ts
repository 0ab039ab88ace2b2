import { setTimeout as delay } from 'node:timers/promises'
import type { Sandbox as E2bSandbox } from 'e2b'
import { retry } from '../../time/pause.ts'
import { withTimeout } from '../../time/within.ts'
import { execWithNext } from '../exec-with-next.ts'
import { type InspectedPath, type InspectOptions, type Sandbox, SandboxError } from '../sandbox.ts'
import { egressRules } from './create-in-e2b.ts'
import { explainSandboxFailure } from './e2b-errors.ts'
import { execInE2b } from './e2b-exec.ts'

interface OpenE2bSandbox {
  readonly sandbox: E2bSandbox
  /** Milliseconds that it lives without an extension. */
  readonly livesMs: number
  /** Called when it has ended, or its time limit has passed; maybe more than once. */
  readonly onOver?: () => void
}

/** Wraps a sandbox of the SDK. @throws {SandboxError} if it does not answer. */
export async function openE2bSandbox({ sandbox, livesMs, onOver }: OpenE2bSandbox): Promise<Sandbox> {
  const life = createLife(performance.now() + livesMs, onOver)
  const isRunning = () => (life.isOver() ? Promise.resolve(false) : sandbox.isRunning())
  const attempt = <T>(call: Promise<T>, path?: string) =>
    call.catch(async (error) => {
      const failure = await explainSandboxFailure(error, { isRunning, path })
      if (failure.class === 'gone') life.end()
      throw failure
    })
  const { stdout: home } = await attempt(sandbox.commands.run('printf %s "$HOME"'))
  const context = { sandbox, home: home.startsWith('/') && home !== '/' ? home : '/home/user', finished: [] }
  const absolute = (path: string) => (path.startsWith('/') ? path : `${context.home}/${path}`)

  const exec = execWithNext((command, options) => attempt(execInE2b(context, command, options)))
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
      if (end <= life.endsAt()) return // E2B would shorten the life otherwise.
      await attempt(sandbox.setTimeout(ms))
      life.extend(end)
    },
    async kill() {
      life.stop()
      try {
        await endE2bSandbox((requestTimeoutMs) => sandbox.kill({ requestTimeoutMs }))
      } catch (cause) {
        throw new SandboxError(
          'unreachable',
          'E2B did not end the sandbox in time. Backspace keeps trying; the sandbox ends at its time limit at the latest.',
          { cause },
        )
      } finally {
        life.end()
      }
    },
  }
}

/** Times are monotonic, in milliseconds. */
interface Life {
  readonly endsAt: () => number
  readonly isOver: () => boolean
  extend(endsAt: number): void
  /** Sends no more requests to it. */
  stop(): void
  end(): void
}

function createLife(endsAt: number, onOver: (() => void) | undefined): Life {
  let deadline = endsAt
  let over = false
  let timer: NodeJS.Timeout | undefined
  const schedule = () => {
    clearTimeout(timer)
    if (onOver && !over) timer = setTimeout(onOver, deadline - performance.now()).unref()
  }
  const stop = () => {
    over = true
    clearTimeout(timer)
  }
  schedule()
  return {
    endsAt: () => deadline,
    isOver: () => over,
    extend(next) {
      deadline = next
      schedule()
    },
    stop,
    end() {
      stop()
      onOver?.()
    },
  }
}

/** Larger files take a second request. */
const INLINE_BYTES = 256 * 1024

/** See `Sandbox.inspect`. A script, because E2B's API does not follow links. */
async function inspectInE2b(
  { exec, readFile }: Pick<Sandbox, 'exec' | 'readFile'>,
  path: string,
  { cwd, maxBytes, signal }: InspectOptions,
): Promise<InspectedPath> {
  const { exitCode, stdout, stderr } = await exec(SCRIPT, {
    cwd,
    env: { P: path, INLINE: String(Math.min(INLINE_BYTES, maxBytes)) },
    timeoutMs: 30_000,
    signal,
  })
  const [root = '', kind, size, mode, base64 = '', ...rest] = stdout.split('\n')
  const absolute = rest.join('\n').replace(/\n$/, '')
  if (exitCode !== 0 || absolute === '') {
    throw new SandboxError('path_not_found', stderr.trim() || `${path} could not be looked up.`)
  }
  const found = { root, path: absolute, size: Number(size) || 0, executable: mode === 'x' }
  if (kind !== 'file') return { ...found, kind: kind === 'directory' || kind === 'missing' ? kind : 'other' }
  if (found.size > maxBytes || !absolute.startsWith(`${root}/`)) return { ...found, kind }
  const inline = Buffer.from(base64, 'base64')
  // The file may have changed since it was measured, or may be unreadable.
  const bytes = inline.length === found.size ? inline : await readFile(absolute).catch(notFound)
  return { ...found, kind, bytes }
}

const SCRIPT = `p=$(realpath -m -- "$P"; printf x) && p=\${p%?x} && root=$(realpath -- .) || exit 1
kind=missing size=0 mode=- bytes=
if [ -d "$p" ]; then kind=directory
elif [ -f "$p" ]; then
  kind=file size=$(stat -c %s -- "$p")
  if [ -x "$p" ]; then mode=x; fi
  case $p in "$root"/*) ;; *) INLINE=-1 ;; esac
  if [ "$size" -le "$INLINE" ]; then bytes=$(base64 -w 0 <"$p" 2>/dev/null); fi
elif [ -e "$p" ]; then kind=other; fi
printf '%s\\n%s\\n%s\\n%s\\n%s\\n%s\\n' "$root" "$kind" "$size" "$mode" "$bytes" "$p"`

function notFound(error: unknown): undefined {
  if (error instanceof SandboxError && error.class === 'path_not_found') return undefined
  throw error
}

const PATIENCE_MS = 2000
const REQUEST_TIMEOUT_MS = 10_000
const RETRY_WAITS_MS = [500, 2000, 8000]

/**
 * Ends a sandbox. The end of a run waits two seconds for it at most. If the service is slow or fails, more attempts
 * follow in the background; after that the sandbox ends at its time limit.
 *
 * @param kill ends the sandbox; also resolves if there is none.
 * @throws {unknown} the last error of the service, or that it did not answer in time.
 */
export async function endE2bSandbox(kill: (requestTimeoutMs: number) => Promise<unknown>): Promise<void> {
  const ended = retry(() => kill(REQUEST_TIMEOUT_MS), {
    waitsMs: RETRY_WAITS_MS,
    // The process may exit during a wait: the sandbox then ends at its time limit.
    pause: (ms) => delay(ms, undefined, { ref: false }),
  })
  const onTimeout = () => {
    throw new Error(`E2B did not end the sandbox within ${PATIENCE_MS} ms`)
  }
  await withTimeout(ended, { ms: PATIENCE_MS, onTimeout })
}
