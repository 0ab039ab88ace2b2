import type { EgressPolicy, Sandbox } from '../../sandbox/sandbox.ts'
import type { AgentName } from '../../text/agent-name.ts'
import { shellQuote } from '../../text/shell-quote.ts'
import { COMMAND_DEFAULTS } from '../command-defaults.ts'
import type { VerifyMode } from '../verify-mode.ts'

/** A program that runs beside setup's successors: checks and the agent's commands reach it on 127.0.0.1. */
export interface Service {
  readonly name: string
  /** Bash; ends only when the sandbox does. */
  readonly run: string
  /** Ready when something listens here. */
  readonly port?: number | undefined
  /** Bash; ready when it ends with 0. Without it and without a port: ready when it still runs a second later. */
  readonly ready?: string | undefined
  /** Seconds to become ready. */
  readonly seconds: number
}

/** What the repository asks for, as far as it gets it: for setup, checks, services and the agent's commands. Stored with a run as JSON. */
export interface RepoEnvironment {
  readonly variables: Readonly<Record<string, string>>
  /** Absolute directories inside the sandbox that come first in PATH. */
  readonly path: readonly string[]
  readonly egress: EgressPolicy
  readonly services: readonly Service[]
  /** How much is to be verified, if it says so; in runs of older versions it does not. */
  readonly verify?: VerifyMode | undefined
  /** Which agent is to work, if the repository says so; in runs of older versions it does not. */
  readonly agent?: AgentName | undefined
  /** Sentences for people: what the project asks for and does not get. */
  readonly unmet: readonly string[]
}

/** What says where this sandbox has something: its Java, its gems. */
const PLACES = ['JAVA_HOME', 'BUNDLE_PATH']

/** Variables as people may set them elsewhere, too. */
export function withoutPlaces(variables: RepoEnvironment['variables']): RepoEnvironment['variables'] {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !PLACES.includes(name)))
}

/**
 * The same sandbox, in which the agent's shell has what the repository asks for. The host's shell, and with it every
 * script whose output Backspace relies on, stays as it is.
 */
export function inEnvironment(
  sandbox: Sandbox,
  { variables, path }: Pick<RepoEnvironment, 'variables' | 'path'>,
): Sandbox {
  if (Object.keys(variables).length === 0 && path.length === 0) return sandbox
  // A line of the script, because a login shell sets PATH after the environment.
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
