import { BackspaceError, type ErrorCode } from '../../errors.ts'
import type { PullRequest } from '../../github/pull-requests.ts'
import type { ExecOptions, ExecResult, Sandbox } from '../../sandbox/sandbox.ts'
import type { HistoryWish } from './history.ts'
import type { MergeWish } from './merge-wish.ts'
import type { TreeWatch } from './tree-watch.ts'

/** Our settings override what a repository, a user or a machine has configured for git. */
const SAFE_CONFIG: readonly (readonly [string, string])[] = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.attributesFile', '/dev/null'],
  ['core.excludesFile', '/dev/null'],
  ['core.autocrlf', 'false'],
  ['core.eol', 'lf'],
  ['core.safecrlf', 'false'],
  ['core.precomposeUnicode', 'false'],
  ['core.untrackedCache', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  // Always a pack, never thousands of loose files.
  ['fetch.unpackLimit', '1'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['protocol.allow', 'never'],
  ['protocol.https.allow', 'always'],
  ['protocol.http.allow', 'always'],
  ['protocol.version', '2'],
  ['safe.directory', '*'],
  ['submodule.recurse', 'false'],
]

/**
 * The environment of every git process that Backspace starts. Settings travel in variables, not arguments: every
 * process can see arguments, and error texts quote them, which matters for the credential.
 * https://git-scm.com/docs/git-config#Documentation/git-config.txt-GITCONFIGCOUNT (git 2.31)
 */
export function gitEnvironment(
  extra: readonly (readonly [string, string])[] = [],
): Readonly<Record<string, string>> {
  const config = [...SAFE_CONFIG, ...extra]
  return {
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LFS_SKIP_SMUDGE: '1',
    LC_ALL: 'C',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  }
}

/** A setting that lets one git process read repositories at `webUrl`. */
export function gitCredential(webUrl: string, token: string): readonly [string, string] {
  return [`http.${webUrl}/.extraheader`, `Authorization: Basic ${basicCredential(token)}`]
}

/** A token as a header carries it; as secret as the token. */
export function basicCredential(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString('base64')
}

/** The commit that a run starts from; chosen on the host, never by the agent. */
export interface Base {
  readonly branch: string
  readonly sha: string
  /** Git's id of the whole tree, according to GitHub. */
  readonly tree: string
  /** The pull request whose branch is worked on; absent when the run opens a new one. */
  readonly pullRequest?: PullRequest | undefined
  /**
   * Of a run that merges: then the commit is that of the base branch, and `branch` is the pull request's.
   * See docs/decisions/0036-merging-the-base.md.
   */
  readonly merge?: MergeWish | undefined
  /** A merge was asked for, and the pull request has all of its base: a sentence. */
  readonly upToDate?: string | undefined
  /** True if the merge was all that was asked for. */
  readonly isOnlyMerge?: boolean | undefined
  /** What else the clone is to hold. Default: the last commits. */
  readonly history?: HistoryWish | undefined
  /** `owner/name` of a fork that may have contents in Git LFS which this repository does not have. */
  readonly fork?: string | undefined
  /** Where agent instructions are read from: never from a pull request's own branch. */
  readonly trustedSha: string
}

/** What became of the files in Git LFS, in words for people and for the agent; names are of the repository. */
export interface LargeFacts {
  /** Those with their content; undefined if there are none. */
  readonly here?: string | undefined
  /** Those that stay pointers, and why; undefined if there are none. */
  readonly missing?: string | undefined
}

/** The clone inside a sandbox. */
export interface Workspace {
  readonly sandbox: Sandbox
  readonly base: Base
  /** Absolute path inside the sandbox; what the agent works in. */
  readonly path: string
  /** Version of git in the sandbox, found before any code of the repository ran; undefined in one of an earlier attempt. */
  readonly git?: string | undefined
  /** What its git knows of the past, for the agent; undefined in one of an earlier attempt. */
  readonly history?: string | undefined
  /** Undefined if there are none in Git LFS, and in a workspace of an earlier attempt. */
  readonly large?: LargeFacts | undefined
  /** Backspace's own git directory inside the sandbox, apart from the `.git` that the agent sees and may change. */
  readonly gitDir: string
  /** Which file the base index is, as the host last saw it; empty when it has not. See `indexFacts`. */
  readonly index: string
  /** Once the agent may work in it. */
  readonly watch?: TreeWatch | undefined
}

/**
 * The workspace of a sandbox; the clone need not be there yet.
 *
 * @param index of an earlier attempt; without it the next look reads all files.
 */
export function workspaceIn(sandbox: Sandbox, base: Base, index = ''): Workspace {
  const { home } = sandbox
  return { sandbox, base, path: `${home}/workspace`, gitDir: `${home}/.backspace/base.git`, index }
}

interface SandboxScript extends ExecOptions {
  /** Code of the error when the script fails. */
  readonly code: ErrorCode
  /** What failed and what to do, for people. */
  readonly failure: string
}

/**
 * Runs a script of Backspace in the sandbox and returns its output. Unlike an agent's command it is expected to work,
 * so a failure is an error.
 *
 * @throws {BackspaceError} with the script's code; `signal.reason` when it was aborted.
 */
export async function runInSandbox(
  sandbox: Sandbox,
  script: string,
  options: SandboxScript,
): Promise<string> {
  return (await runWithNext(sandbox, script, options)).stdout
}

/** The same, with the result of the command that rides on the script. */
export async function runWithNext(
  sandbox: Sandbox,
  script: string,
  { code, failure, ...options }: SandboxScript,
): Promise<Pick<ExecResult, 'stdout' | 'next'>> {
  options.signal?.throwIfAborted()
  const first = await sandbox.exec(script, options)
  options.signal?.throwIfAborted()
  const result = first.outcome === 'lost' ? await sandbox.exec(script, options) : first
  options.signal?.throwIfAborted()
  const { exitCode, outcome, stderr } = result
  if (outcome === 'exited' && exitCode === 0) return result
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
