import type { Sandbox } from '../../sandbox/sandbox.ts'

/** What the agent's shell exports beyond the host's, by name: PATH with the toolchains that setup installed, and the like. */
export type ProjectEnvironment = Readonly<Record<string, string>>

/** They belong to one shell, or decide what a shell, a program or git does before it does its work. */
const NOT_KEPT =
  /^(?:HOME|PWD|OLDPWD|SHLVL|_|ENV|BASH\w*|PROMPT_COMMAND|PS\d|IFS|CDPATH|(?:LD|GIT|BACKSPACE)_\w*)$/
const NAME = /^[A-Za-z_]\w{0,100}$/
const MAX_CHARACTERS = 32 * 1024
const PRINT = { command: 'env -0', timeoutMs: 30_000, maxOutputBytes: 256 * 1024 } as const

/**
 * Reads the environment of the agent's shell. Call it when setup has run and the agent has not: the agent can write to the
 * profile that this comes from.
 *
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function readProjectEnvironment(
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<ProjectEnvironment> {
  const { command, ...options } = PRINT
  const printed = await sandbox.exec(command, { ...options, shell: 'agent', signal, next: PRINT })
  const host = parse((await printed.next)?.stdout ?? '')
  signal.throwIfAborted()
  let characters = 0
  return Object.fromEntries(
    [...parse(printed.stdout)].filter(([name, value]) => {
      if (NOT_KEPT.test(name) || !NAME.test(name) || host.get(name) === value) return false
      characters += name.length + value.length
      return characters <= MAX_CHARACTERS
    }),
  )
}

function parse(printed: string): Map<string, string> {
  return new Map(
    printed.split('\0').map((entry) => {
      const at = entry.indexOf('=')
      return [entry.slice(0, at), entry.slice(at + 1)] as const
    }),
  )
}

/**
 * The same sandbox for checks after the agent: the project's commands find what setup installed, and nothing that the agent
 * wrote to a profile since.
 */
export function pinEnvironment(sandbox: Sandbox, environment: ProjectEnvironment): Sandbox {
  return {
    ...sandbox,
    exec: (command, options = {}) =>
      sandbox.exec(
        command,
        options.shell === 'agent'
          ? { ...options, shell: 'host', env: { HOME: sandbox.home, ...environment, ...options.env } }
          : options,
      ),
  }
}
