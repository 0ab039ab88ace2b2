import { LOOK_BYTES } from '../../sandbox/live-view.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { showCommand } from '../../sandbox/show-command.ts'
import type { AgentEvent } from '../agent-event.ts'
import type { SessionFiles } from './session-files.ts'

/**
 * Prints the output of a running command. Claude Code reports it only when the command has ended; until then it is in a
 * file below its directory for temporary files, in a folder named after the session. The newest file is of the last command.
 */
const LOOK = [
  'f=$(ls -t -- "$CONFIG"/tmp/claude-*/*/"$ID"/tasks/*.output 2>/dev/null | head -n 1)',
  '[ -f "$f" ] && exec tail -c "$MOST" -- "$f"',
].join('\n')

/** Shows the output of Claude Code's commands in the live view while they run. */
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
  /** Shows no output while several commands run, since nothing says which file belongs to which command. */
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
