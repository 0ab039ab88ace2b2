import { setTimeout as delay } from 'node:timers/promises'
import type { LiveView, ShownCommand } from './live-view.ts'
import type { ExecOptions, ExecResult, Sandbox } from './sandbox.ts'

const EVERY_MS = 2_000

/**
 * Shows a running command to people who watch, by reading the end of its output from time to time. While no one
 * watches, the sandbox is not asked.
 *
 * @param given.look reads the end of the output, see `ShownCommand`. If it fails, nothing new is shown.
 * @returns a function to call when the command has ended.
 */
export function showCommand(
  live: LiveView | undefined,
  given: {
    readonly command: string
    readonly look: (signal: AbortSignal) => Promise<string | undefined>
    readonly signal: AbortSignal
    readonly everyMs?: number | undefined
  },
): () => void {
  const { command, look, signal, everyMs = EVERY_MS } = given
  const over = new AbortController()
  const since = new Date()
  let shown: ShownCommand | undefined
  async function watch(view: LiveView): Promise<void> {
    const ends = AbortSignal.any([signal, over.signal])
    for (;;) {
      await delay(everyMs, undefined, { signal: ends, ref: false })
      if (!view.isWatched()) continue
      const printed = await look(ends).catch(() => undefined)
      if (ends.aborted) return
      if (printed === undefined) continue
      shown ??= view.begin(command, since)
      shown.show(printed)
    }
  }
  // The loop ends with the command. If the sandbox is lost, `exec` itself reports that.
  if (live) watch(live).catch(() => undefined)
  return () => {
    over.abort()
    shown?.end()
  }
}

/** Runs a command and shows it under a title to people who watch. */
export async function execShown(
  sandbox: Sandbox,
  command: string,
  { title, ...options }: ExecOptions & { readonly signal: AbortSignal; readonly title: string },
): Promise<ExecResult> {
  const { live } = sandbox
  if (live === undefined) return sandbox.exec(command, options)
  let ask: (() => Promise<string>) | undefined
  const look = async () => ask?.()
  const stop = showCommand(live, { command: title, look, signal: options.signal })
  const onStart: ExecOptions['onStart'] = (given) => {
    ask = given
  }
  return sandbox.exec(command, { ...options, onStart }).finally(stop)
}
