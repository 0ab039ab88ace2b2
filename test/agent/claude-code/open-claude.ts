import { onTestFinished } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { createClaudeCodeAgent } from '../../../src/agent/claude-code/claude-code-agent.ts'
import { judgeRequest } from '../../../src/models/gateway/judge-request.ts'
import { startAnthropic } from '../../stand-ins/anthropic.ts'
import type { Script } from '../../stand-ins/models/script.ts'
import { claudeCodeBinary } from '../../support/claude-code.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { DONE, EDIT, type Scripted, scriptedTurns } from '../support/scripted-turns.ts'

/** The real Claude Code in a real sandbox, asking a stand-in for Claude; the builtin agent waits to go on. */
export async function openClaude(
  script: Script,
  { next = [EDIT, DONE] }: { readonly next?: readonly Scripted[] } = {},
) {
  const [binary, place, claude] = await Promise.all([
    claudeCodeBinary(),
    openWorkspace({ 'hello.txt': 'hello\n', 'api/code.txt': 'one\n' }),
    startAnthropic({ script }),
  ])
  onTestFinished(() => claude.close())
  const other = scriptedTurns(next)
  const agent = createClaudeCodeAgent({
    binary,
    upstream: { apiKey: claude.apiKey, baseUrl: claude.baseUrl },
    model: 'claude-opus-5-5',
    judge: judgeRequest,
    next: async () => createBuiltinAgent({ model: other }),
  })
  return { place, claude, agent, other }
}
