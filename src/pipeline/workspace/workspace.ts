import type { PullRequest } from '../../github/get-pull-request.ts'

/** The commit that a run starts from; chosen on the host, never by the agent. */
export interface Base {
  readonly branch: string
  readonly sha: string
  /** Git's id of the whole tree, as GitHub says it. */
  readonly tree: string
  /** The pull request whose branch is worked on; absent when the run opens a new one. */
  readonly pullRequest?: PullRequest
  /** Where agent instructions are read from: never from a pull request's own branch. */
  readonly trustedSha: string
}

/** The clone inside a sandbox. */
export interface Workspace {
  readonly base: Base
  /** Absolute path inside the sandbox; what the agent works in. */
  readonly path: string
  /** Our own git directory inside the sandbox, apart from the `.git` that the agent sees and may change. */
  readonly gitDir: string
}

/** Where a workspace is, inside a sandbox with this home. */
export function workspacePaths(home: string): { readonly path: string; readonly gitDir: string } {
  return { path: `${home}/workspace`, gitDir: `${home}/.backspace/base.git` }
}
