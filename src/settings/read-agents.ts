import { resolve } from 'node:path'
import { AGENT_NAMES, type AgentName, agentMistake, isAgentName } from '../text/agent-name.ts'
import type { SettingsReader } from './settings-reader.ts'

export interface AgentSettings {
  /** The agent that works when neither the request nor its repository names one. */
  readonly usual: AgentName
  /** The agents that a request or a repository may name. */
  readonly choosable: readonly AgentName[]
  /**
   * Absolute path of Claude Code for local sandboxes; undefined if it is where `npm run install-claude-code` puts it.
   */
  readonly claudeCodePath: string | undefined
  /** The absolute directory below which `npm run install-claude-code` puts it. */
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
  reader.problem(`${variable} ${shown} is not an agent: it ${agentMistake(value)}`)
  return undefined
}
