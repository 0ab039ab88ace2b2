import type { AgentName } from '../text/agent-name.ts'
import type { HiddenText } from '../text/markdown/visible-text.ts'
import type { Ending } from './ending.ts'

/** One request and everything that comes of it: a pull request, an answer, or an honest failure. */
export interface Run {
  readonly id: string
  readonly status: RunStatus
  readonly request: RunRequest
  /**
   * Number of the attempt: each worker that claims the run adds 1. Every write of a worker carries its number, so a
   * worker that has lost the run can write nothing. 0 until a worker first claims the run.
   */
  readonly attempt: number
  /** Dollars that the run may spend; null for runs that were stored before there was a budget. */
  readonly budgetUsd: number | null
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  /** Null until the run has ended. */
  readonly ending: Ending | null
  /** The effects that are done, so that an attempt after a restart finds them and does not repeat them. */
  readonly progress: RunProgress
  /** True when all events of the run but the first and the last were deleted because of their age. */
  readonly eventsPruned?: boolean | undefined
}

export type RunStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'

export function isTerminal(status: RunStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled'
}

/** What a trigger asks for. */
export interface RunRequest {
  /** `pull_request`: the repository's settings ask Backspace to prove every pull request. */
  readonly trigger: 'comment' | 'label' | 'code' | 'pull_request'
  readonly repository: RepositoryTarget
  readonly prompt: string
  /** The issue or pull request that the run belongs to; absent for `POST /code`. */
  readonly thread?: Thread | undefined
  /**
   * True when the thread's own title and body are the task, as with a label. Absent in runs that are older than this
   * field.
   */
  readonly adopts?: boolean | undefined
  /** The comment that made the request. Backspace puts its reactions on it. */
  readonly comment?: TriggerComment | undefined
  readonly requester: Requester
  readonly options: RunOptions
  /** True when a person without write access wrote the task: the pull request is a draft and the gate is stricter. */
  readonly tainted: boolean
  /**
   * What was removed from the texts of the request because a reader would not see it; absent when nothing was, and in
   * runs that are older than this field.
   */
  readonly hidden?: HiddenText | undefined
  /** Installation the webhook came from; absent for `POST /code`. */
  readonly installationId?: number | undefined
  /** The ended run that this one continues: it starts with that run's transcript, in a new sandbox. */
  readonly parentRunId?: string | undefined
}

export interface RepositoryTarget {
  readonly owner: string
  readonly name: string
  /** GitHub's numeric id, if the trigger knew it. It stays the same when the repository is renamed. */
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
  /** `review` is the summary of a review, which GitHub does not let anyone react to. */
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
  /** Takes precedence over the agent that the repository or the operator chose. */
  readonly agent?: AgentName | undefined
  readonly budgetUsd?: number | undefined
  /** The agent writes a plan and changes nothing; a person may then approve the plan. */
  readonly plan?: boolean | undefined
  /** Verifies the pull request of the thread as it is, without an agent, and changes nothing. */
  readonly prove?: boolean | undefined
  /** Proposes the settings file of the repository, without an agent. */
  readonly setup?: boolean | undefined
}

/** The agent that is to work on a run, and who chose it. */
export interface AgentChoice {
  readonly name: AgentName
  readonly by: 'request' | 'repository' | 'operator'
}

/** What the run has done and found out so far, kept for the next attempt. Each field is written once. */
export interface RunProgress {
  readonly baseSha?: string | undefined
  /** Head commit of the pull request, if the run merges `baseSha` into it. */
  readonly mergeHeadSha?: string | undefined
  readonly branch?: string | undefined
  readonly sandboxId?: string | undefined
  /** Ids of the clean sandboxes in which the change is being verified. Nothing in them is needed later. */
  readonly rooms?: readonly string[] | undefined
  /** Until when the sandbox `sandboxId` stays paused, waiting for a run that continues this one; ISO 8601. */
  readonly pausedUntil?: string | undefined
  /** Environment variables that setup found the project's commands to need, besides those of the sandbox itself. */
  readonly projectEnvironment?: Readonly<Record<string, string>> | undefined
  /** The environment that the repository's settings ask for. Only the code that stores it knows its shape. */
  readonly repoEnvironment?: unknown
  /**
   * The projects of the repository at the base commit, from which the checks follow. Only the code that stores it knows
   * its shape.
   */
  readonly repositoryPlan?: unknown
  /**
   * Git's id of the sandbox's list of the base's files, and when it was made. Without it every file is compared again.
   */
  readonly baseIndex?: string | undefined
  /** How much of the history the clone in the sandbox has, in words for the agent. */
  readonly history?: string | undefined
  /** The Git LFS files that the sandbox has, and those that are only pointers there; in words for the agent. */
  readonly large?: { readonly here?: string | undefined; readonly missing?: string | undefined } | undefined
  /** The agent that was chosen. Whether it could work was not known yet. */
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
