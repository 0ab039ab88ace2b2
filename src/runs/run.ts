import type { AgentName } from '../text/agent-name.ts'
import type { HiddenText } from '../text/visible-text.ts'
import type { Ending } from './ending.ts'

/** One request and what becomes of it: a pull request, an answer, or an honest failure. */
export interface Run {
  readonly id: string
  readonly status: RunStatus
  readonly request: RunRequest
  /** Counts claims. Every write of a worker carries it, so a stale worker writes nothing. 0 while queued. */
  readonly attempt: number
  /** Dollars that it may spend; null for runs older than this limit. */
  readonly budgetUsd: number | null
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  /** Null while it has not ended. */
  readonly ending: Ending | null
  /** Effects done so far, by look-up key, so that a restart finds them instead of repeating them. */
  readonly progress: RunProgress
  /** True when its events were deleted for their age, but the first and the last one. */
  readonly eventsPruned?: boolean | undefined
}

export type RunStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'

export function isTerminal(status: RunStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled'
}

/** What a trigger asks for. */
export interface RunRequest {
  /** `pull_request`: the repository asks for a proof of each. */
  readonly trigger: 'comment' | 'label' | 'code' | 'pull_request'
  readonly repository: RepositoryTarget
  readonly prompt: string
  /** The issue or pull request it belongs to; absent for `POST /code`. */
  readonly thread?: Thread | undefined
  /** The thread's own text is the task, as for a label. Absent in runs from before there was this field. */
  readonly adopts?: boolean | undefined
  /** The comment that made the request; it gets the reactions. */
  readonly comment?: TriggerComment | undefined
  readonly requester: Requester
  readonly options: RunOptions
  /** True when a person without write access wrote the task: the pull request is a draft and the gate is stricter. */
  readonly tainted: boolean
  /** What was taken out of its texts; absent for nothing, and in runs from before there was this field. */
  readonly hidden?: HiddenText | undefined
  /** Installation the webhook came from; absent for `POST /code`. */
  readonly installationId?: number | undefined
  /** The ended run that this one continues: it starts with that run's transcript, in a new sandbox. */
  readonly parentRunId?: string | undefined
}

export interface RepositoryTarget {
  readonly owner: string
  readonly name: string
  /** GitHub's numeric id, if the trigger knew it; it survives renames. */
  readonly id?: number | undefined
}

export interface Thread {
  readonly kind: 'issue' | 'pull_request'
  readonly number: number
  readonly title: string
  readonly body: string
  readonly author: string
  readonly url: string
}

export interface TriggerComment {
  readonly id: number
  /** `review`: the summary of a review, which cannot be reacted to. */
  readonly kind: 'issue_comment' | 'review_comment' | 'review'
  readonly url: string
}

export interface Requester {
  /** GitHub login, or the name of the API token. */
  readonly login: string
  /** Numeric GitHub user id; absent for API tokens. */
  readonly id?: number | undefined
  /** GitHub login of the person behind an API token or a session, who must be able to write when the run publishes. */
  readonly owner?: string | undefined
}

export interface RunOptions {
  readonly base?: string | undefined
  readonly draft?: boolean | undefined
  /** `provider:id`, tried before the configured chain. */
  readonly model?: string | undefined
  /** Counts before the repository's choice and the operator's. */
  readonly agent?: AgentName | undefined
  readonly budgetUsd?: number | undefined
  /** Makes a plan and changes nothing; a person approves the plan or not. */
  readonly plan?: boolean | undefined
  /** Verifies the pull request of the thread as it is, without an agent, and changes nothing. */
  readonly prove?: boolean | undefined
  /** Proposes the settings file of the repository, without an agent. */
  readonly setup?: boolean | undefined
}

/** Which agent is to work on a run, and who says so. */
export interface AgentChoice {
  readonly name: AgentName
  readonly by: 'request' | 'repository' | 'operator'
}

/** Filled in as effects happen; each field is written once. */
export interface RunProgress {
  readonly baseSha?: string | undefined
  /** Head of the pull request into which the run merges `baseSha`. */
  readonly mergeHeadSha?: string | undefined
  readonly branch?: string | undefined
  readonly sandboxId?: string | undefined
  /** Clean sandboxes in which the change is being verified; nothing of them is needed later. */
  readonly rooms?: readonly string[] | undefined
  /** Until when that sandbox waits for the run that goes on with it; ISO 8601. */
  readonly pausedUntil?: string | undefined
  /** What the project's commands need beyond the sandbox's own environment, as setup left it there. */
  readonly projectEnvironment?: Readonly<Record<string, string>> | undefined
  /** What the repository asked for, as setup gave it; its writer knows its shape. */
  readonly repoEnvironment?: unknown
  /** The projects of the repository at the base commit, which decide what is checked; its writer knows its shape. */
  readonly repositoryPlan?: unknown
  /** Git's id and the time of the list of the base's files in the sandbox; without it all files are compared again. */
  readonly baseIndex?: string | undefined
  /** What git in the sandbox knows of the past, in words for the agent. */
  readonly history?: string | undefined
  /** The files in Git LFS that the sandbox has, and those that are pointers there; in words for the agent. */
  readonly large?: { readonly here?: string | undefined; readonly missing?: string | undefined } | undefined
  /** Which agent was chosen, before it was known whether it can work. */
  readonly agent?: AgentChoice | undefined
  readonly commitSha?: string | undefined
  readonly pullRequestNumber?: number | undefined
  readonly progressCommentId?: number | undefined
  /** The head of the pull request that a proof is about. */
  readonly provedSha?: string | undefined
}

/** The GitHub login of the person who asked; undefined for API tokens, whose name may be that of a person. */
export function requesterLogin({ trigger, requester }: RunRequest): string | undefined {
  const isPerson = trigger !== 'code' || requester.id !== undefined
  return isPerson && /^[A-Za-z0-9][\w-]*$/.test(requester.login) ? requester.login : undefined
}
