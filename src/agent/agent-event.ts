import type { Usage } from '../models/transcript.ts'
import type { AgentName } from '../text/agent-name.ts'

/** What an agent reports while it works. Each becomes one RunEvent, which `execute-run` numbers. */
export type AgentEvent =
  | AgentMessageEvent
  | AgentPlanEvent
  | FollowUpEvent
  | ToolStartedEvent
  | ToolFinishedEvent
  | ModelTurnEvent
  | ModelRetriedEvent
  | ModelSwitchedEvent
  | ContextCompactedEvent
  | FinishReviewedEvent
  | AgentNoticeEvent

/** Text that the model (or the dummy agent) addressed to people. */
export interface AgentMessageEvent {
  readonly type: 'agent.message'
  readonly text: string
}

/** What a person added while the agent worked; emitted once the agent has received it. */
export interface FollowUpEvent {
  readonly type: 'agent.note'
  /** `@ada`, or the name of an API token. */
  readonly author: string
  readonly text: string
}

export interface AgentPlanEvent {
  readonly type: 'agent.plan'
  readonly items: readonly PlanItem[]
}
export interface PlanItem {
  readonly text: string
  readonly status: 'pending' | 'in_progress' | 'done' | 'dropped'
}

export interface ToolStartedEvent {
  readonly type: 'tool.started'
  readonly callId: string
  readonly tool: string
  /** One line for people: `bash npm test`. */
  readonly title: string
}

export interface ToolFinishedEvent {
  readonly type: 'tool.finished'
  readonly callId: string
  readonly tool: string
  readonly title: string
  readonly status: 'ok' | 'error' | 'skipped' | 'interrupted'
  readonly durationMs: number
  readonly detail: ToolDetail
  /** Size of the result as the model got it, and before it was cut. Absent in older events. */
  readonly bytes?: { readonly sent: number; readonly full: number }
}

/** What a tool call did, by kind of tool. Tools give whole texts; `maskBounded` cuts them to size. */
export type ToolDetail =
  | { readonly kind: 'bash'; readonly command: string; readonly output: string; readonly exitCode: number }
  | { readonly kind: 'read'; readonly path: string; readonly lines: number }
  | {
      readonly kind: 'edit'
      readonly path: string
      readonly edits: readonly { readonly oldText: string; readonly newText: string }[]
    }
  | { readonly kind: 'write'; readonly path: string; readonly bytes: number; readonly content: string }
  | { readonly kind: 'search'; readonly pattern: string; readonly matches: number }
  | { readonly kind: 'other'; readonly text: string; readonly asked?: AskedOfTool }

/** What a failed call was meant to do, as far as its arguments could be read. */
export interface AskedOfTool {
  readonly path?: string | undefined
  readonly command?: string | undefined
  readonly edits?: readonly { readonly oldText: string; readonly newText: string }[] | undefined
}

export interface ModelTurnEvent {
  readonly type: 'model.turn'
  /** 1 for the first turn of the run. */
  readonly turn: number
  readonly provider: string
  readonly model: string
  readonly usage: Usage
  /** Dollars; null when the price is not known. */
  readonly costUsd: number | null
  readonly durationMs: number
  readonly firstTokenMs: number | null
  readonly attempts: number
  readonly stop: string
  /** Milliseconds that Backspace itself spent since the last turn, without network and tools. */
  readonly harnessMs: number
  /** Milliseconds from request to answer, retries and other models included. Absent in older events, like the next three. */
  readonly waitedMs?: number
  /** Tokens of the conversation so far, this answer included. */
  readonly contextTokens?: number
  /** The provider's id for the answer. */
  readonly responseId?: string
  /** What the run has used after this turn, earlier attempts included. */
  readonly run?: {
    readonly tokens: number
    /** Dollars, for the models whose prices are known. */
    readonly usd: number
    readonly limits: LimitShares
  }
}

/** How much of each limit of a run is used; 1 is all of it. */
export interface LimitShares {
  readonly steps: number
  readonly minutes: number
  readonly usd: number
  readonly tokens: number
}

export interface ModelRetriedEvent {
  readonly type: 'model.retried'
  readonly model: string
  readonly errorClass: string
  readonly attempt: number
  readonly waitMs: number
}

export interface ModelSwitchedEvent {
  readonly type: 'model.switched'
  readonly from: string
  readonly to: string
  readonly errorClass: string
  readonly reason: string
}

/** The transcript became too long and was replaced by a summary. */
export interface ContextCompactedEvent {
  readonly type: 'context.compacted'
  /** 1 for the first time in the run. */
  readonly number: number
  /** `host` when the model could not write the summary, so Backspace did. */
  readonly summaryBy: 'model' | 'host'
  /** Estimated tokens of a request, before and after. */
  readonly tokensBefore: number
  readonly tokensAfter: number
}

/** The agent called `finish`, and the host reviewed its claim. */
export interface FinishReviewedEvent {
  readonly type: 'finish.reviewed'
  /** What the agent claimed. */
  readonly claim: 'done' | 'partial' | 'blocked' | 'no_change'
  /** `self_review`: the host has no objection, but first shows the agent its whole diff once. */
  readonly verdict: 'accepted' | 'sent_back' | 'self_review'
  /** One line for people. */
  readonly message: string
  /** How long the review took, the repository's checks included. */
  readonly durationMs: number
}

export interface AgentNoticeEvent {
  readonly type: 'agent.notice'
  readonly level: 'info' | 'warning'
  readonly message: string
  /** The agent that takes over here; absent when the agent stays the same. */
  readonly agent?: AgentName | undefined
}
