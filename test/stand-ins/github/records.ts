import type { BareRepository } from './git/run-git.ts'

/** What the stand-in remembers. Everything about commits, trees and refs lives in the bare repositories instead. */

export type Level = 'none' | 'read' | 'write'

/** App or token permissions by GitHub's names, for example `{ contents: 'write' }`. */
export type Permissions = Readonly<Record<string, Level>>

export type Role = 'read' | 'triage' | 'write' | 'maintain' | 'admin'

export interface Account {
  readonly id: number
  /** Its owner may change it; another account may have the old one then. */
  login: string
  readonly type: 'User' | 'Organization' | 'Bot'
  readonly name: string
  readonly createdAt: number
  /** An Enterprise Server says since when an account is suspended. */
  suspendedAt?: number | undefined
}

/** Who did something, and whether it was done with a token of the App. */
export interface Actor {
  readonly account: Account
  readonly viaApp: boolean
}

export interface LabelRecord {
  readonly id: number
  readonly name: string
  readonly color: string
  readonly description: string | null
}

export interface ReactionRecord {
  readonly id: number
  readonly account: Account
  readonly content: string
  readonly createdAt: number
}

export interface CommentRecord {
  readonly id: number
  readonly issue: IssueRecord
  readonly author: Actor
  body: string
  readonly createdAt: number
  updatedAt: number
  readonly reactions: ReactionRecord[]
}

export interface ReviewCommentRecord {
  readonly id: number
  readonly issue: IssueRecord
  readonly author: Actor
  body: string
  readonly path: string
  readonly line: number
  readonly startLine?: number | undefined
  readonly diffHunk: string
  readonly commitSha: string
  readonly reviewId: number
  readonly inReplyTo: number | undefined
  readonly createdAt: number
  updatedAt: number
  readonly reactions: ReactionRecord[]
}

export interface ReviewRecord {
  readonly id: number
  readonly author: Actor
  readonly body: string
  readonly state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED'
  readonly commitSha: string
  readonly submittedAt: number
}

export interface PullRecord {
  readonly head: { readonly repository: RepositoryRecord; readonly branch: string; sha: string }
  base: { branch: string; sha: string }
  draft: boolean
  mergedAt: number | undefined
  /** What the base branch was at then. */
  mergeSha: string | undefined
  mergedBy: Account | undefined
  readonly maintainerCanModify: boolean
  readonly reviews: ReviewRecord[]
  readonly reviewComments: ReviewCommentRecord[]
}

/** An issue, or a pull request when `pull` is set: on GitHub every pull request is an issue too. */
export interface IssueRecord {
  readonly id: number
  readonly number: number
  readonly repository: RepositoryRecord
  readonly author: Actor
  title: string
  body: string | null
  state: 'open' | 'closed'
  stateReason: string | null
  labels: LabelRecord[]
  assignees: Account[]
  locked: boolean
  readonly createdAt: number
  updatedAt: number
  closedAt: number | undefined
  closedBy: Account | undefined
  readonly comments: CommentRecord[]
  readonly reactions: ReactionRecord[]
  pull: PullRecord | undefined
}

export interface CheckRunRecord {
  readonly id: number
  readonly headSha: string
  name: string
  status: string
  conclusion: string | null
  detailsUrl: string | null
  externalId: string | null
  startedAt: number | undefined
  completedAt: number | undefined
  output: { title: string | null; summary: string | null; text: string | null }
}

export interface StatusRecord {
  readonly id: number
  readonly sha: string
  readonly state: string
  readonly context: string
  readonly description: string | null
  readonly targetUrl: string | null
  readonly creator: Account
  readonly createdAt: number
}

export interface RepositoryRecord extends BareRepository {
  readonly id: number
  owner: Account
  name: string
  private: boolean
  archived: boolean
  readonly pullRequests: boolean
  defaultBranch: string
  readonly description: string | null
  readonly sizeKb: number
  readonly collaborators: Map<string, Role>
  readonly protectedBranches: Set<string>
  readonly rulesets: RulesetRecord[]
  /** Is it among the repositories that the App's installation covers? */
  installed: boolean
  readonly forkOf: RepositoryRecord | undefined
  /** A fork cannot be used before this moment. */
  readyAt: number
  readonly createdAt: number
  pushedAt: number
  readonly labels: Map<string, LabelRecord>
  readonly issues: Map<number, IssueRecord>
  readonly checkRuns: CheckRunRecord[]
  readonly statuses: StatusRecord[]
}

/** Rules for branches whose full name matches, or for every push into a private repository. */
export interface RulesetRecord {
  readonly id: number
  readonly name: string
  /** Default: `branch`. */
  readonly target?: 'branch' | 'push'
  /** `~ALL`, or patterns such as `refs/heads/release/*`; of branches alone. */
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly rules: readonly {
    readonly type: string
    readonly parameters?: Readonly<Record<string, unknown>>
  }[]
  /** True if everyone who asks may bypass it. */
  readonly bypass?: boolean
}

export interface InstallationRecord {
  readonly id: number
  readonly account: Account
  permissions: Permissions
  suspended: boolean
  readonly createdAt: number
}

/** A token as GitHub keeps it: what it may do, since when, until when, and what it was used for. */
export interface TokenRecord {
  readonly token: string
  readonly kind: 'installation' | 'user'
  readonly account: Account
  readonly installation: InstallationRecord | undefined
  /** Repository ids an installation token is limited to; undefined means all of the installation. */
  readonly repositoryIds: readonly number[] | undefined
  readonly permissions: Permissions
  /** OAuth scopes of a personal access token. */
  readonly scopes: readonly string[]
  readonly mintedAt: number
  expiresAt: number | undefined
  revokedAt: number | undefined
  readonly uses: { readonly order: number; readonly method: string; readonly path: string }[]
}

export interface DeliveryRecord {
  readonly id: number
  readonly guid: string
  readonly event: string
  readonly action: string | null
  readonly redelivery: boolean
  readonly installationId: number | null
  readonly repositoryId: number | null
  /** The exact bytes that were sent. */
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly deliveredAt: number
  statusCode: number
  status: string
  response: { readonly headers: Readonly<Record<string, string>>; readonly body: string }
}
