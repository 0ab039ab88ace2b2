import { setTimeout as delay } from 'node:timers/promises'
import { stripTerminalOutput } from '../../text/terminal-text.ts'
import { quoteShell } from './shell-script.ts'
import type { ToolContext } from './tool.ts'

const EVERY_MS = 2_000
/** Far more than people see, so that a secret in the part that they see is whole and can be masked. */
const SHOWN_BYTES = 32 * 1024

/**
 * Shows the log of a running command to people who watch, by looking at its end from time to time.
 *
 * @returns ends it.
 */
export function showLog(
  { sandbox, signal, live }: Pick<ToolContext, 'sandbox' | 'signal' | 'live'>,
  log: string,
  everyMs: number = EVERY_MS,
): () => void {
  const over = new AbortController()
  if (live === undefined) return () => over.abort()
  let hasShown = false
  async function look(context: NonNullable<ToolContext['live']>): Promise<void> {
    const ends = AbortSignal.any([signal, over.signal])
    for (;;) {
      await delay(everyMs, undefined, { signal: ends, ref: false })
      if (!context.isWatched()) continue
      const script = `tail -c ${SHOWN_BYTES} -- ${quoteShell(log)}`
      const { stdout, exitCode } = await sandbox.exec(script, { timeoutMs: 5_000, signal: ends })
      if (ends.aborted || exitCode !== 0) continue
      context.show(stripTerminalOutput(stdout))
      hasShown = true
    }
  }
  // It ends with the command, and a sandbox that is lost says so to the command itself.
  look(live).catch(() => undefined)
  return () => {
    over.abort()
    if (hasShown) live.show('')
  }
}
