import { BackspaceError, type ErrorCode } from '../../errors.ts'
import type { PullRequest } from '../../github/pull-requests.ts'
import type { ExecOptions, ExecResult, Sandbox } from '../../sandbox/sandbox.ts'
import type { HistoryWish } from './history.ts'
import type { MergeWish } from './merge-wish.ts'
import type { TreeWatch } from './tree-watch.ts'

/** Settings that override those of a repository, a user or a machine for git. */
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
  // Fetches always store a pack, never thousands of loose files.
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
 * The environment of every git process that Backspace starts. Settings are passed in variables and not as arguments,
 * because every process can see arguments and error messages quote them, and one setting is the credential.
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

/** A token as it appears in an HTTP header, as secret as the token itself. */
export function basicCredential(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString('base64')
}

/** The commit from which a run starts. The host chooses it, never the agent. */
export interface Base {
  readonly branch: string
  readonly sha: string
  /** Tree id of the commit, according to GitHub. */
  readonly tree: string
  /** The pull request on whose branch the run works; absent when the run opens a new one. */
  readonly pullRequest?: PullRequest | undefined
  /**
   * Set for a run that merges. The commit is then that of the base branch, and `branch` is the pull request's.
   * See docs/decisions/0036-merging-the-base.md.
   */
  readonly merge?: MergeWish | undefined
  /** A sentence, set if a merge was asked for but the pull request already has everything of its base. */
  readonly upToDate?: string | undefined
  /** True if nothing but the merge was asked for. */
  readonly isOnlyMerge?: boolean | undefined
  /** How much history the clone gets. Default: the last commits. */
  readonly history?: HistoryWish | undefined
  /** `owner/name` of a fork that may have contents in Git LFS that this repository lacks. */
  readonly fork?: string | undefined
  /** The commit from which agent instructions and settings are read, never one of a pull request's own branch. */
  readonly trustedSha: string
}

/** Which files in Git LFS have their content, in words for people and the agent. Names come from the repository. */
export interface LargeFacts {
  /** Files with their content; undefined if there are none. */
  readonly here?: string | undefined
  /** Files that stay pointers, and why; undefined if there are none. */
  readonly missing?: string | undefined
}

/** The clone inside a sandbox. */
export interface Workspace {
  readonly sandbox: Sandbox
  readonly base: Base
  /** Absolute path inside the sandbox of the folder in which the agent works. */
  readonly path: string
  /** Version of git, found before any code of the repository ran; undefined in a workspace of an earlier attempt. */
  readonly git?: string | undefined
  /** Tells the agent how much history the clone has; undefined in a workspace of an earlier attempt. */
  readonly history?: string | undefined
  /** Undefined if no files are in Git LFS, and in a workspace of an earlier attempt. */
  readonly large?: LargeFacts | undefined
  /** Backspace's own git directory inside the sandbox, apart from the `.git` that the agent sees and may change. */
  readonly gitDir: string
  /** Identifies the base index as the host last saw it; empty when the host has not seen it. See `indexFacts`. */
  readonly index: string
  /** Set once the agent may work in the workspace. */
  readonly watch?: TreeWatch | undefined
}

/**
 * The workspace of a sandbox, in which the clone need not exist yet.
 *
 * @param index the `index` of an earlier attempt; without it, all files are read when the workspace is next examined.
 */
export function workspaceIn(sandbox: Sandbox, base: Base, index = ''): Workspace {
  const { home } = sandbox
  return { sandbox, base, path: `${home}/workspace`, gitDir: `${home}/.backspace/base.git`, index }
}

interface SandboxScript extends ExecOptions {
  /** Code of the error when the script fails. */
  readonly code: ErrorCode
  /** Tells people what failed and what to do. */
  readonly failure: string
}

/**
 * Runs one of Backspace's own scripts in the sandbox and returns its output. Unlike an agent's command it is expected to
 * succeed, so a failure is an error.
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

/** Like `runInSandbox`, with the result of the command `next` that runs after the script. */
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
