import { setTimeout as delay } from 'node:timers/promises'
import type { ExecResult, Sandbox } from '../../sandbox/sandbox.ts'
import { type CliLine, readLine } from './read-line.ts'

/** Claude Code running in a sandbox. Its input and output are files there, so that a lost connection does not end it. */
export interface CliProgram {
  /** Appends a line to its input. Lines arrive in the order of the calls. */
  readonly say: (line: string) => void
  /**
   * Returns the lines printed since the last call, and waits up to 20 s for the first. Empty when none came.
   *
   * @throws {SandboxError} when the sandbox is lost.
   */
  readonly read: () => Promise<readonly CliLine[]>
  /** How the process ended; undefined while it runs. */
  readonly ended: () => ExecResult | undefined
  /** The last line that it wrote to stderr; empty if there is none. */
  readonly complaint: () => Promise<string>
  /** How many lines could not be read. */
  readonly unknown: () => number
  /** Ends Claude Code and every process that it started. */
  readonly stop: () => Promise<void>
}

/** Absolute paths inside the sandbox. */
export interface CliFiles {
  readonly input: string
  readonly output: string
  readonly errors: string
}

/** Waits until the output is larger than `SEEN` bytes, then prints its size, a line end, and the lines from a number on. */
const READ_SCRIPT = [
  'n=0',
  'while s=$(stat -c %s "$FILE" 2>/dev/null || echo 0); [ "$s" -le "$SEEN" ] && [ "$n" -lt "$TRIES" ]; do',
  'n=$((n+1)); sleep 0.1; done',
  'echo "$s"; [ ! -e "$FILE" ] || tail -n "+$FROM" "$FILE" | head -c "$MOST"',
].join('\n')

/** How many times to wait for a tenth of a second. */
const WAIT_TRIES = '200'
/** Milliseconds between two reads. Each read starts programs in the sandbox, which slow down Claude Code and its commands. */
const PAUSE_MS = 250
/** Bytes that are usually read at once, and for a line that does not fit. A longer line is not read at all. */
const USUAL_READ = 1024 * 1024
const LONGEST_READ = 32 * 1024 * 1024

/**
 * Starts Claude Code in the background.
 *
 * @param given.command starts it with its input and output connected to `files`.
 * @param given.timeoutMs after so many milliseconds Claude Code is ended.
 */
export function startCliProgram(given: {
  readonly sandbox: Sandbox
  readonly workspace: string
  readonly command: string
  readonly env: Readonly<Record<string, string>>
  readonly files: CliFiles
  readonly timeoutMs: number
}): CliProgram {
  const { sandbox, workspace, command, env, files, timeoutMs } = given
  const stopped = new AbortController()
  const over = new AbortController()
  let end: ExecResult | undefined
  let lost: unknown
  const running = sandbox
    .exec(command, { shell: 'agent', cwd: workspace, env, timeoutMs, signal: stopped.signal })
    .then(
      (result) => {
        end = result
      },
      (error: unknown) => {
        lost = error
      },
    )
    .finally(() => over.abort())
  let saying = Promise.resolve()
  let from = 1
  let seen = 0
  let unknown = 0
  let readAt = Number.NEGATIVE_INFINITY

  function take(lines: readonly string[]): CliLine[] {
    return lines.flatMap((line) => {
      const known = readLine(line)
      if (known === undefined && line.trim() !== '') unknown++
      return known === undefined || known === 'silent' ? [] : [known]
    })
  }

  /** @param signal ends the wait for new output. */
  async function readOnce(signal?: AbortSignal): Promise<readonly CliLine[]> {
    for (let most = USUAL_READ; ; most = LONGEST_READ) {
      const text = await readText(most, signal)
      const isFull = Buffer.byteLength(text) >= most
      // The read was cut by the limit, so the next one must not wait for the output to grow.
      if (isFull) seen = 0
      const lineEnd = text.lastIndexOf('\n')
      if (lineEnd !== -1) {
        const lines = text.slice(0, lineEnd).split('\n')
        from += lines.length
        return take(lines)
      }
      if (!isFull) return []
      if (most === LONGEST_READ) {
        from++
        unknown++
      }
    }
  }

  async function readText(most: number, signal: AbortSignal | undefined): Promise<string> {
    const { stdout } = await sandbox.exec(READ_SCRIPT, {
      signal,
      env: {
        FILE: files.output,
        SEEN: String(seen),
        FROM: String(from),
        MOST: String(most),
        TRIES: signal ? WAIT_TRIES : '0',
      },
      timeoutMs: 60_000,
      maxOutputBytes: most + 64,
    })
    const lineEnd = stdout.indexOf('\n')
    const size = Number(stdout.slice(0, lineEnd))
    if (lineEnd === -1 || !Number.isSafeInteger(size)) return ''
    seen = size
    return stdout.slice(lineEnd + 1)
  }

  return {
    say(line) {
      saying = saying.then(async () => {
        await sandbox
          .exec('cat >> "$FILE"', { env: { FILE: files.input }, stdin: `${line}\n`, timeoutMs: 60_000 })
          .catch(() => {}) // The next read reports that the sandbox is lost.
      })
    },
    async read() {
      const waitMs = readAt + PAUSE_MS - performance.now()
      await delay(Math.max(0, waitMs), undefined, { signal: over.signal }).catch(() => {})
      readAt = performance.now()
      const lines = over.signal.aborted ? [] : await readOnce(over.signal)
      if (lost !== undefined) throw lost
      // Claude Code ended during the wait, so its last output is read without waiting for more.
      return lines.length === 0 && end ? readOnce() : lines
    },
    ended: () => end,
    async complaint() {
      const { stdout } = await sandbox.exec('tail -c 2000 "$FILE" 2>/dev/null', {
        env: { FILE: files.errors },
      })
      return stdout.trim().split('\n').at(-1)?.trim().slice(0, 300) ?? ''
    },
    unknown: () => unknown,
    async stop() {
      stopped.abort()
      await Promise.allSettled([running, saying])
    },
  }
}
