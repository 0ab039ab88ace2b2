import { nearestName } from './nearest-name.ts'

/** The agents that exist, as people write them in comments, requests and settings. */
export const AGENT_NAMES = ['builtin', 'claude-code', 'dummy'] as const

export type AgentName = (typeof AGENT_NAMES)[number]

const SHOWN: Readonly<Record<string, string>> = {
  builtin: 'builtin agent',
  'claude-code': 'Claude Code',
  dummy: 'dummy agent',
} satisfies Record<AgentName, string>

/** A longer word is not a misspelt name. */
const MOST_LETTERS = 40
/** A shorter beginning of a name could mean anything. */
const LEAST_LETTERS = 3

export function isAgentName(text: unknown): text is AgentName {
  return AGENT_NAMES.some((name) => name === text)
}

/** The end of a sentence about a word that names no agent: `must be "builtin", … Did you mean "claude-code"?` */
export function agentMistake(given: unknown): string {
  const quoted = AGENT_NAMES.map((name) => `"${name}"`)
  const list = `must be ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
  const meant = typeof given === 'string' ? meantBy(given) : undefined
  return meant === undefined ? `${list}.` : `${list}. Did you mean "${meant}"?`
}

function meantBy(text: string): AgentName | undefined {
  const name = text
    .slice(0, MOST_LETTERS)
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '-')
  const begun = AGENT_NAMES.find((known) => name.length >= LEAST_LETTERS && known.startsWith(name))
  const near = begun ?? nearestName(name, AGENT_NAMES)
  return isAgentName(near) ? near : undefined
}

/** `Claude Code, then builtin agent`; empty for no agents. A name that no longer exists is shown as it is. */
export function agentsText(agents: readonly string[]): string {
  return agents.map((name) => SHOWN[name] ?? name).join(', then ')
}
