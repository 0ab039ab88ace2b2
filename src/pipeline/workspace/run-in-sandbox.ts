import { BackspaceError, type ErrorCode } from '../../errors.ts'
import type { ExecOptions, Sandbox } from '../../sandbox/sandbox.ts'

export interface SandboxScript extends ExecOptions {
  /** Code of the error when the script fails. */
  readonly code: ErrorCode
  /** What failed and what to do, for people. */
  readonly failure: string
}

/**
 * Runs a script of ours in the sandbox and returns what it printed. Its own failure is an error here: unlike the
 * agent's commands, ours are expected to work.
 *
 * @throws {BackspaceError} with the script's code; `signal.reason` when it was aborted.
 */
export async function runInSandbox(
  sandbox: Sandbox,
  script: string,
  { code, failure, ...options }: SandboxScript,
): Promise<string> {
  options.signal?.throwIfAborted()
  const { exitCode, outcome, stdout, stderr } = await sandbox.exec(script, options)
  options.signal?.throwIfAborted()
  if (outcome === 'exited' && exitCode === 0) return stdout
  const reason =
    outcome === 'timeout'
      ? ' It took too long.'
      : exitCode === 127
        ? ' A program is missing in the sandbox: git.'
        : ''
  throw new BackspaceError(code, `${failure}${reason}`, {
    facts: { exitCode, outcome, stderr: stderr.slice(-4000) },
  })
}
