import { BackspaceError } from '../../errors.ts'
import type { Spawner } from '../../processes/spawner.ts'

/**
 * The only variables that a program on the host gets to run and to reach GitHub: `PATH` and, where they are set, those
 * for proxies and certificates. Never the whole environment of the process, which holds the keys.
 */
export type HostEnvironment = Readonly<Record<string, string>>

/** An environment that suffices on most machines. */
export const PLAIN_HOST_ENVIRONMENT: HostEnvironment = {
  PATH: '/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin',
}

export interface HostGitOptions {
  readonly cwd: string
  readonly env: HostEnvironment
  readonly signal: AbortSignal
  readonly spawner: Spawner
  /** A sentence for people on what could not be done, used when the command fails. */
  readonly failure: string
  /** Exit codes besides 0 that do not count as failures. */
  readonly accept?: readonly number[] | undefined
}

/**
 * Runs git on the host. The directory must be one that this process made, with data that came straight from GitHub; git
 * never runs here on anything that a sandbox wrote.
 *
 * @returns what git printed.
 * @throws {BackspaceError} `clone_failed`, whose fact `lasting` is false when another attempt may succeed; `signal.reason`
 * when aborted.
 */
export async function runHostGit(args: readonly string[], options: HostGitOptions): Promise<string> {
  return runOnHost('git', args, options)
}

/** Like `runHostGit`, for a shell script that runs git with files of the directory as input and output. */
export async function runHostScript(script: string, options: HostGitOptions): Promise<string> {
  return runOnHost('sh', ['-c', script], options)
}

async function runOnHost(
  program: 'git' | 'sh',
  args: readonly string[],
  { cwd, env, signal, spawner, failure, accept = [] }: HostGitOptions,
): Promise<string> {
  signal.throwIfAborted()
  const ended = await spawner
    .run({ program, args, cwd, env }, { signal, timeoutMs: GIT_MS, maxBytes: MOST_PRINTED })
    .catch((error: unknown) => ({ code: codeOf(error), stdout: '', stderr: '' }))
  signal.throwIfAborted()
  const { code, stdout, stderr } = ended
  if (code === 0 || accept.includes(Number(code))) return stdout
  const lasting = code === 'ENOENT' || LASTING_FAILURE.test(stderr)
  const facts = { code, stderr: stderr.slice(-4000), lasting }
  throw new BackspaceError('clone_failed', `${failure} ${adviceFor(code, stderr)}`, { facts })
}

const GIT_MS = 600_000
const MOST_PRINTED = 16 * 1024 * 1024

/** The system's error code, such as `ENOENT`. */
function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
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
  return 'Try again; if it keeps failing, tell the operator of Backspace.'
}

/**
 * Matches what git prints when another attempt would fail as well: a refused credential, a commit that is gone. Anything
 * else may be a short outage of GitHub. The failure counts from the third time on, some seconds later, because not every
 * part of GitHub knows a new token or commit at once. POSIX extended syntax, since grep in the sandbox uses it as well.
 */
export const LASTING_FAILURE =
  /authentication failed|could not read username|error: 40[134]|not our ref|couldn't find remote ref/i
