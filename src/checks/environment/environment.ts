import type { EgressPolicy, Sandbox } from '../../sandbox/sandbox.ts'
import type { AgentName } from '../../text/agent-name.ts'
import { shellQuote } from '../../text/shell-quote.ts'
import { COMMAND_DEFAULTS } from '../command-defaults.ts'
import type { VerifyMode } from '../verify-mode.ts'

/** A program in the background, such as a database, that checks and the agent's commands reach on 127.0.0.1. */
export interface Service {
  readonly name: string
  /** Bash that keeps running until the sandbox ends. */
  readonly run: string
  /** The TCP port that something listens on once the service is ready. */
  readonly port?: number | undefined
  /** Bash that exits with 0 once the service is ready. Without it and a port, a service is ready if it still runs after a second. */
  readonly ready?: string | undefined
  /** The most seconds that the service may take to become ready. */
  readonly seconds: number
}

/** The variables, versions, hosts and services that a repository asks for and gets. Stored with a run as JSON. */
export interface RepoEnvironment {
  readonly variables: Readonly<Record<string, string>>
  /** Absolute directories inside the sandbox that come first in PATH. */
  readonly path: readonly string[]
  readonly egress: EgressPolicy
  readonly services: readonly Service[]
  /** How much to verify, if the repository says so; undefined in runs of older versions. */
  readonly verify?: VerifyMode | undefined
  /** Which agent works, if the repository says so; undefined in runs of older versions. */
  readonly agent?: AgentName | undefined
  /** Sentences for people on what the project asks for and does not get. */
  readonly unmet: readonly string[]
}

/** Variables that hold paths of this sandbox: of its Java, of its gems. */
const PLACES = ['JAVA_HOME', 'BUNDLE_PATH']

/** The variables that make sense on another machine as well. */
export function withoutPlaces(variables: RepoEnvironment['variables']): RepoEnvironment['variables'] {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !PLACES.includes(name)))
}

/**
 * Wraps a sandbox so that commands of the agent's shell get the repository's variables and PATH. The host's shell, which
 * runs every script whose output Backspace relies on, stays as it is.
 */
export function inEnvironment(
  sandbox: Sandbox,
  { variables, path }: Pick<RepoEnvironment, 'variables' | 'path'>,
): Sandbox {
  if (Object.keys(variables).length === 0 && path.length === 0) return sandbox
  // PATH is set in the script itself, because a login shell overwrites the PATH of its environment.
  const first = path.length === 0 ? '' : `export PATH=${path.map(shellQuote).join(':')}:"$PATH"\n`
  const over = Object.fromEntries(Object.entries(variables).filter(([name]) => name in COMMAND_DEFAULTS))
  return {
    ...sandbox,
    exec(command, options = {}) {
      if (options.shell !== 'agent') return sandbox.exec(command, options)
      const env = { ...variables, ...options.env, ...over }
      return sandbox.exec(`${first}${command}`, { ...options, env })
    },
  }
}
