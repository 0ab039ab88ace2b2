import { LOOK_BYTES } from '../../sandbox/live-view.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { showCommand } from '../../sandbox/show-command.ts'
import type { AgentEvent } from '../agent-event.ts'
import type { SessionFiles } from './session-files.ts'

/**
 * Claude Code says what a command printed when it has ended. Until then the output is in a file of its own below the
 * directory for temporary files, which has the name of the session in its path; the newest is that of the last command.
 */
const LOOK = [
  'f=$(ls -t -- "$CONFIG"/tmp/claude-*/*/"$ID"/tasks/*.output 2>/dev/null | head -n 1)',
  '[ -f "$f" ] && exec tail -c "$MOST" -- "$f"',
].join('\n')

/** Shows the commands that Claude Code runs, while they run. */
export function createShowCalls(
  sandbox: Sandbox,
  given: { readonly files: Pick<SessionFiles, 'config'>; readonly id: string; readonly signal: AbortSignal },
): { readonly see: (event: AgentEvent) => void; readonly stop: () => void } {
  const { files, id, signal } = given
  const shown = new Map<string, () => void>()
  const env = { CONFIG: files.config, ID: id, MOST: String(LOOK_BYTES) }

  async function look(ends: AbortSignal): Promise<string | undefined> {
    const { stdout, exitCode } = await sandbox.exec(LOOK, { env, timeoutMs: 5_000, signal: ends })
    return exitCode === 0 ? stdout : undefined
  }
  /** Nothing says which file belongs to which of several commands at once. */
  function begin(callId: string, title: string): void {
    const command = title.replace(/^bash /, '')
    const lookOnce = async (ends: AbortSignal) => (shown.size > 1 ? '' : look(ends))
    shown.set(callId, showCommand(sandbox.live, { command, look: lookOnce, signal }))
  }

  return {
    see(event) {
      if (event.type === 'tool.started' && event.tool === 'bash') begin(event.callId, event.title)
      if (event.type !== 'tool.finished') return
      shown.get(event.callId)?.()
      shown.delete(event.callId)
    },
    stop() {
      for (const end of shown.values()) end()
    },
  }
}
