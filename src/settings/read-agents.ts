import { resolve } from 'node:path'
import { AGENT_NAMES, type AgentName, agentMistake, isAgentName } from '../text/agent-name.ts'
import type { SettingsReader } from './settings-reader.ts'

export interface AgentSettings {
  /** Works when neither a request nor its repository names an agent. */
  readonly usual: AgentName
  /** Those that a request or a repository may name. */
  readonly choosable: readonly AgentName[]
  /** Where the operator put Claude Code for local sandboxes, absolute; undefined: where `npm run install-claude-code` puts it. */
  readonly claudeCodePath: string | undefined
  /** That place is below it; absolute. */
  readonly dataDirectory: string
}

export function readAgents(reader: SettingsReader): AgentSettings {
  const path = reader.get('CLAUDE_CODE_PATH')
  return {
    usual: readAgent(reader, 'BACKSPACE_AGENT', reader.get('BACKSPACE_AGENT') ?? '') ?? AGENT_NAMES[0],
    choosable: reader
      .list('BACKSPACE_AGENTS', { emptyIsNone: true })
      .flatMap((item) => readAgent(reader, 'BACKSPACE_AGENTS', item) ?? []),
    claudeCodePath: path === undefined ? undefined : resolve(path),
    dataDirectory: resolve(reader.get('DATA_DIR') ?? '.data'),
  }
}

function readAgent(
  reader: SettingsReader,
  variable: 'BACKSPACE_AGENT' | 'BACKSPACE_AGENTS',
  value: string,
): AgentName | undefined {
  if (isAgentName(value)) return value
  // A key that was pasted here must not be repeated.
  const shown = /^[\w -]{1,16}$/.test(value) ? `has "${value}", which` : 'has an item that'
  reader.problem(`${variable} ${shown} is no agent: it ${agentMistake(value)}`)
  return undefined
}
