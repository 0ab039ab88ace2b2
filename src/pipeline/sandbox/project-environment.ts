import type { Sandbox } from '../../sandbox/sandbox.ts'

/** Variables that the agent's shell exports and the host's shell does not, such as a PATH with installed toolchains. */
export type ProjectEnvironment = Readonly<Record<string, string>>

/** Variables that are left out: they belong to one shell, or make a shell, program loader or git run other code. */
const NOT_KEPT =
  /^(?:HOME|PWD|OLDPWD|SHLVL|_|ENV|BASH\w*|PROMPT_COMMAND|PS\d|IFS|CDPATH|(?:LD|GIT|BACKSPACE)_\w*)$/
const NAME = /^[A-Za-z_]\w{0,100}$/
const MAX_CHARACTERS = 32 * 1024
const PRINT = { command: 'env -0', timeoutMs: 30_000, maxOutputBytes: 256 * 1024 } as const

/**
 * Reads the environment of the agent's shell. Call it after setup and before the agent works, since the agent can write to
 * the profile from which the environment comes.
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
 * Wraps a sandbox for checks after the agent: the project's commands find what setup installed, but not what the agent has
 * written to a profile since.
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
