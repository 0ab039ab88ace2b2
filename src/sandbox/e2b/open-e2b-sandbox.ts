import { setTimeout as delay } from 'node:timers/promises'
import type { Sandbox as E2bSandbox } from 'e2b'
import { retry } from '../../time/pause.ts'
import { withTimeout } from '../../time/within.ts'
import { type InspectedPath, type InspectOptions, type Sandbox, SandboxError } from '../sandbox.ts'
import { explainSandboxFailure } from './e2b-errors.ts'
import { execInE2b } from './e2b-exec.ts'
import { egressRules } from './egress-rules.ts'

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

/** As much comes with the answer; what is larger costs a second request. */
const INLINE_BYTES = 256 * 1024

/** See `Sandbox.inspect`: a script, because E2B's own API follows no links. */
async function inspectInE2b(
  { exec, readFile }: Pick<Sandbox, 'exec' | 'readFile'>,
  path: string,
  { cwd, maxBytes, signal }: InspectOptions,
): Promise<InspectedPath> {
  const { exitCode, stdout, stderr } = await exec(SCRIPT, {
    cwd,
    env: { P: path, INLINE: String(Math.min(INLINE_BYTES, maxBytes)) },
    timeoutMs: 30_000,
    ...(signal ? { signal } : {}),
  })
  const [root = '', kind, size, mode, base64 = '', ...rest] = stdout.split('\n')
  const absolute = rest.join('\n').replace(/\n$/, '')
  if (exitCode !== 0 || absolute === '') {
    throw new SandboxError('path_not_found', stderr.trim() || 'The command failed.')
  }
  const found = { root, path: absolute, size: Number(size) || 0, executable: mode === 'x' }
  if (kind !== 'file') return { ...found, kind: kind === 'directory' || kind === 'missing' ? kind : 'other' }
  if (found.size > maxBytes || !absolute.startsWith(`${root}/`)) return { ...found, kind }
  const inline = Buffer.from(base64, 'base64')
  // A file may have changed since it was measured, or not be ours to read.
  const whole = inline.length === found.size ? inline : await readFile(absolute).catch(notFound)
  return { ...found, kind, ...(whole ? { bytes: whole } : {}) }
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
 * Ends a sandbox. Whoever is waiting for the end of a run waits two seconds at most: a slow or failing service is
 * asked further in the background, and what cannot be ended ends when its time runs out.
 *
 * @param kill ends it; resolves as well when there is none.
 * @throws {unknown} what the service answered, or that it did not.
 */
export async function endE2bSandbox(kill: (requestTimeoutMs: number) => Promise<unknown>): Promise<void> {
  const ended = retry(() => kill(REQUEST_TIMEOUT_MS), {
    waitsMs: RETRY_WAITS_MS,
    // The process may exit meanwhile: the sandbox then ends when its time runs out.
    pause: (ms) => delay(ms, undefined, { ref: false }),
  })
  const onTimeout = () => {
    throw new Error(`E2B did not end the sandbox within ${PATIENCE_MS} ms`)
  }
  await withTimeout(ended, { ms: PATIENCE_MS, onTimeout })
}
