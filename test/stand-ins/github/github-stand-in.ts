import type { NewRepository } from './actions/repositories.ts'
import type { ArmedFault, Fault, LoggedRequest } from './faults.ts'
import type { CommitObject } from './git/commits.ts'
import type { Account, DeliveryRecord, Permissions, ReviewRecord, Role, TokenRecord } from './records.ts'

/** A running stand-in for GitHub: what tests and the demo do as people, and what they can look at afterwards. */
export interface GitHubStandIn {
  /** `http://127.0.0.1:PORT`: pages, clone and push. */
  readonly url: string
  /** `url` plus `/api/v3`, as `GHE_HOST` makes Octokit ask. */
  readonly apiUrl: string
  /** `127.0.0.1:PORT`, for `GHE_HOST` (with `GHE_PROTOCOL=http`). */
  readonly host: string
  readonly appId: number
  readonly appSlug: string
  /** PEM. */
  readonly privateKey: string
  readonly webhookSecret: string

  /** Where webhooks go from now on; undefined: they are recorded as failed, ready to be sent again. */
  setWebhookTarget(url: string | undefined): void
  /** While lost, webhooks about repositories are neither sent nor recorded, as in an incident of GitHub's. */
  loseWebhooks(lost: boolean): void
  /** Sends a recorded delivery again, with its first delivery id. */
  redeliver(deliveryId: number): Promise<DeliveryRecord>
  readonly deliveries: readonly DeliveryRecord[]
  /** Resolves when no webhook is under way. */
  settled(): Promise<void>

  createUser(user: { readonly login: string; readonly type?: Account['type'] }): Account
  createRepository(repository: NewRepository): Promise<RepositoryHandle>
  createPat(pat: { readonly login: string; readonly scopes?: readonly string[] }): string
  setRole(repository: string, login: string, role: Role | 'none'): void
  setArchived(repository: string, archived: boolean): void
  /** Gives it another name or owner (`owner/name`); what asks for the old name is led on. */
  moveRepository(repository: string, to: string): void
  /** Deletes it for good. */
  deleteRepository(repository: string): void
  setProtected(repository: string, branches: readonly string[]): Promise<void>
  setInstalled(repository: string, installed: boolean): void
  /** Changes what an installation grants. Tokens that were minted before keep what they have. */
  setInstallation(
    owner: string,
    change: { readonly permissions?: Permissions; readonly suspended?: boolean },
  ): void
  /** Removes the App from an account: its tokens die, and `installation.deleted` is sent. */
  uninstall(owner: string): Promise<void>
  /** Ends a token's life now. */
  expireToken(token: string): void
  /** Moves the clock on. */
  advance(ms: number): void

  openIssue(issue: NewThread & { readonly labels?: readonly string[] }): Promise<ThreadHandle>
  openPullRequest(
    pull: NewThread & { readonly head: string; readonly base?: string; readonly draft?: boolean },
  ): Promise<ThreadHandle>
  /** Comments, delivers the webhook, and answers when the receiver has answered. */
  comment(comment: ThreadPlace & { readonly author: string; readonly body: string }): Promise<CommentHandle>
  editComment(comment: { readonly id: number; readonly author: string; readonly body: string }): Promise<void>
  deleteComment(comment: { readonly id: number; readonly author: string }): Promise<void>
  editIssue(
    change: ThreadPlace & { readonly author: string; readonly title?: string; readonly body?: string },
  ): Promise<void>
  addLabel(label: ThreadPlace & { readonly author: string; readonly label: string }): Promise<void>
  removeLabel(label: ThreadPlace & { readonly author: string; readonly label: string }): Promise<void>
  closeThread(thread: ThreadPlace & { readonly author: string }): Promise<void>
  review(
    review: ThreadPlace & {
      readonly author: string
      readonly body: string
      readonly state?: ReviewRecord['state']
    },
  ): Promise<void>
  reviewComment(
    comment: ThreadPlace & {
      readonly author: string
      readonly body: string
      readonly path: string
      readonly line: number
      readonly startLine?: number
    },
  ): Promise<CommentHandle>
  /** Commits files on a branch (made from `from` or the default branch when missing), as `git push` would. */
  pushFiles(push: PushedFiles): Promise<string>
  /** Moves a branch to any commit, forcing it. */
  moveBranch(move: { readonly repo: string; readonly branch: string; readonly sha: string }): Promise<void>

  comments(repo: string, number: number): readonly CommentHandle[]
  /** Reactions on the issue or pull request, or on one of its comments. */
  reactions(
    repo: string,
    number: number,
    commentId?: number,
  ): readonly { readonly login: string; readonly content: string }[]
  labels(repo: string, number: number): readonly string[]
  thread(repo: string, number: number): ThreadHandle
  pullRequests(repo: string): readonly PullHandle[]
  checkRuns(repo: string): readonly {
    readonly name: string
    readonly status: string
    readonly conclusion: string | null
    readonly headSha: string
    readonly externalId: string | null
    readonly detailsUrl: string | null
  }[]
  /** Branch name to SHA. */
  branches(repo: string): Promise<Readonly<Record<string, string>>>
  commit(repo: string, sha: string): Promise<CommitObject>
  /** A file's text at a branch or commit; undefined when there is none. */
  fileAt(repo: string, ref: string, path: string): Promise<string | undefined>
  bytesAt(repo: string, ref: string, path: string): Promise<Uint8Array | undefined>
  /** Path to mode, type and SHA of everything at a branch or commit. */
  filesAt(
    repo: string,
    ref: string,
  ): Promise<Readonly<Record<string, { readonly mode: string; readonly sha: string }>>>
  /** What `head` changed since it left `base`, as text. */
  diff(repo: string, base: string, head: string): Promise<string>
  /** Directory of the bare repository. */
  directoryOf(repo: string): string

  /** Every token ever minted, with scope, life and uses in order. */
  tokens(): readonly TokenRecord[]
  readonly requests: readonly LoggedRequest[]
  fail(fault: Fault): ArmedFault
  /** Resolves with what the predicate answers, as soon as that is neither false nor undefined; asked after every request. */
  waitFor<T>(
    predicate: () => T | false | undefined | Promise<T | false | undefined>,
    timeoutMs?: number,
  ): Promise<T>
  close(): Promise<void>
}

export interface ThreadPlace {
  /** `owner/name` */
  readonly repo: string
  readonly number: number
}

export interface NewThread {
  readonly repo: string
  readonly author: string
  readonly title: string
  readonly body?: string
}

export interface PushedFiles {
  readonly repo: string
  readonly branch: string
  readonly author?: string
  readonly text?: string
  /** `null` deletes. */
  readonly files: Readonly<Record<string, string | Uint8Array | null>>
  readonly executable?: readonly string[]
  readonly from?: string
}

export interface RepositoryHandle {
  readonly id: number
  readonly owner: string
  readonly name: string
  readonly fullName: string
  readonly defaultBranch: string
  readonly htmlUrl: string
  readonly cloneUrl: string
  readonly directory: string
}

export interface ThreadHandle {
  readonly id: number
  readonly number: number
  readonly title: string
  readonly body: string | null
  readonly state: 'open' | 'closed'
  readonly htmlUrl: string
  readonly author: string
  readonly labels: readonly string[]
}

export interface PullHandle extends ThreadHandle {
  readonly draft: boolean
  readonly merged: boolean
  /** `branch`, or `owner:branch` from a fork. */
  readonly head: string
  readonly headSha: string
  readonly base: string
}

export interface CommentHandle {
  readonly id: number
  readonly author: string
  readonly body: string
  readonly htmlUrl: string
  readonly createdAt: number
  readonly updatedAt: number
}
