import { execFile } from 'node:child_process'
import { BackspaceError } from '../../errors.ts'
import { LASTING_FAILURE } from './lasting-failure.ts'

/**
 * What a program on the host needs to run and to reach GitHub, and nothing else: `PATH`, and where they are set
 * the proxy and certificate variables. Never the process's own environment, which holds the keys.
 */
export type HostEnvironment = Readonly<Record<string, string>>

/** Enough on most machines. */
export const PLAIN_HOST_ENVIRONMENT: HostEnvironment = {
  PATH: '/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin',
}

export interface HostGitOptions {
  readonly cwd: string
  readonly env: HostEnvironment
  readonly signal: AbortSignal
  /** What could not be done, for people. */
  readonly failure: string
}

/**
 * Runs git on the host. Only ever on a directory that this process made, with data straight from GitHub; never on
 * anything that a sandbox wrote.
 *
 * @throws {BackspaceError} `clone_failed`, whose fact `lasting` is false when it may well work in a moment; `signal.reason` when it was aborted.
 */
export async function runHostGit(args: readonly string[], options: HostGitOptions): Promise<void> {
  const { cwd, env, signal, failure } = options
  signal.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    execFile(
      'git',
      [...args],
      { cwd, env, signal, timeout: 600_000, killSignal: 'SIGKILL' },
      (error, _out, stderr) => {
        if (!error) return resolve()
        if (signal.aborted) return reject(signal.reason)
        const lasting = error.code === 'ENOENT' || LASTING_FAILURE.test(stderr)
        const facts = { code: error.code, stderr: stderr.slice(-4000), lasting }
        reject(new BackspaceError('clone_failed', `${failure} ${adviceFor(error.code, stderr)}`, { facts }))
      },
    )
  })
}

function adviceFor(code: unknown, stderr: string): string {
  if (code === 'ENOENT') return 'git is not installed on the machine that runs Backspace: install it.'
  if (/could not resolve|failed to connect|timed out|connection re(fused|set)/i.test(stderr)) {
    return 'GitHub could not be reached: check the network and try again.'
  }
  if (/authentication failed|could not read username|403|401/i.test(stderr)) {
    return 'GitHub refused the credential: check that it may read the contents of this repository.'
  }
  if (/not our ref|couldn't find remote ref/i.test(stderr)) {
    return 'That commit is no longer there: the branch was probably rewritten. Try again.'
  }
  return 'Try again; tell whoever runs Backspace if it lasts.'
}
