import type { AgentEvent, LimitShares } from '../agent/agent-event.ts'
import type { AgentName } from '../text/agent-name.ts'
import type { CheckCause } from '../text/check-ending.ts'
import type { ProviderCost, ProviderTrouble } from './summary/provider-usage.ts'
import type { Verdict } from './summary/verdict.ts'
import type { TestCounts, Verification } from './verification.ts'

/** One numbered fact about a run. `seq` is gap-free from 1; exactly one event is terminal and it is the last. */
export type RunEvent = RunEventBody & {
  readonly runId: string
  readonly seq: number
  /** ISO 8601, UTC. */
  readonly at: string
}

export type RunEventBody = LifecycleEvent | AgentEvent

export type LifecycleEvent =
  | RunQueuedEvent
  | RunPausedEvent
  | RunStartedEvent
  | StepStartedEvent
  | StepFinishedEvent
  | SetupFinishedEvent
  | ChecksFinishedEvent
  | ChangesCollectedEvent
  | VerificationFinishedEvent
  | NoticeEvent
  | RunSucceededEvent
  | RunFailedEvent
  | RunCancelledEvent

/** Always seq 1; carries the run's URLs. */
export interface RunQueuedEvent {
  readonly type: 'run.queued'
  readonly repository: string
  readonly runUrl: string
  readonly eventsUrl: string
  /** 1 is next. */
  readonly position: number
}

/** The operator paused all runs, or ended the pause. Only runs without a worker get this event. */
export interface RunPausedEvent {
  readonly type: 'run.paused'
  /** Null when the pause is over. */
  readonly reason: string | null
  /** The number of the last attempt; 0 when there was none. */
  readonly attempt: number
}

export interface RunStartedEvent {
  readonly type: 'run.started'
  readonly attempt: number
}

/** The steps of a run, in order. A run has either `verify` or, with verification off, `checks`. */
export const STEPS = [
  'sandbox',
  'clone',
  'setup',
  'baseline',
  'agent',
  'collect',
  'checks',
  'gate',
  'verify',
  'publish',
  'pull_request',
  'report',
] as const
export type Step = (typeof STEPS)[number]

export interface StepStartedEvent {
  readonly type: 'step.started'
  readonly step: Step
  readonly message: string
  /** For the step `agent` only: the agent that starts to work; absent in older events. */
  readonly agent?: AgentName | undefined
}

export interface StepFinishedEvent {
  readonly type: 'step.finished'
  readonly step: Step
  readonly status: 'ok' | 'failed' | 'skipped'
  /** What happened, one line: `Cloned acme/api at 3f2a91c in 0.8 s`. */
  readonly message: string
  readonly durationMs: number
}

/** How the setup commands ended, and what they printed. Absent in runs of older versions. */
export interface SetupFinishedEvent {
  readonly type: 'setup.finished'
  /** Results of the commands that ran. If setup failed, the last one failed. */
  readonly results: readonly {
    readonly command: string
    readonly exitCode: number
    readonly durationMs: number
    /** Both streams in order; where the middle is cut, a line says how much is missing. */
    readonly output: string
  }[]
  /** Why the last command failed, one sentence for people; absent if none failed. */
  readonly reason?: string | undefined
  /** What setup found in the setup cache, which earlier runs filled; absent without a cache. */
  readonly cache?:
    | {
        /** `hit`: it held everything, so no command ran. `begun`: commands started from it. `miss`: nothing fits. */
        readonly result: 'hit' | 'begun' | 'miss'
        /** Milliseconds that setup took when the cache was filled; 0 for a miss. */
        readonly savedMs: number
      }
    | undefined
  /** Milliseconds that the repository's commands may take. */
  readonly limits: { readonly setupMs: number; readonly checkMs: number; readonly checksMs: number }
}

/** Results of the repository's own checks, which the host ran. */
export interface ChecksFinishedEvent {
  readonly type: 'checks.finished'
  readonly phase: 'before' | 'after'
  readonly results: readonly {
    readonly command: string
    readonly exitCode: number
    readonly durationMs: number
    readonly tail: string
    /** Exit code of a first run on the same files: the check failed, then passed. Absent in older events. */
    readonly failedFirst?: number | undefined
    /** Why the check has no result of its own; absent in older events. */
    readonly cause?: CheckCause | undefined
    /** How many tests the check's report names; absent without a readable report. */
    readonly tests?: TestCounts | undefined
  }[]
}

export interface ChangesCollectedEvent {
  readonly type: 'changes.collected'
  readonly files: readonly {
    readonly path: string
    readonly status: 'added' | 'modified' | 'deleted' | 'renamed'
    readonly additions: number
    readonly deletions: number
  }[]
  /** Unified diff, cut if it is long. */
  readonly diff: string
}

/** What the host found out about the change in clean sandboxes. A run may have several; the last one counts. */
export interface VerificationFinishedEvent {
  readonly type: 'verification.finished'
  readonly verification: Verification
}

export interface NoticeEvent {
  readonly type: 'notice'
  readonly level: 'info' | 'warning'
  readonly message: string
}

/** Exactly one of these is the last event of a run; `endingOf` reads it. */
export type TerminalEvent = RunSucceededEvent | RunFailedEvent | RunCancelledEvent

/** What a run that succeeded produced. */
export type Outcome = 'pull_request' | 'answer' | 'triage' | 'question' | 'plan' | 'proof'

export interface RunSucceededEvent {
  readonly type: 'run.succeeded'
  readonly outcome: Outcome
  readonly message: string
  readonly pullRequestUrl: string | null
  readonly commentUrl: string | null
  readonly draft: boolean
  readonly totals: RunTotals
}

export interface RunFailedEvent {
  readonly type: 'run.failed'
  readonly code: string
  /** What happened, and what to do about it. */
  readonly message: string
  readonly totals: RunTotals
}

export interface RunCancelledEvent {
  readonly type: 'run.cancelled'
  readonly message: string
  readonly totals: RunTotals
}

/** What a run used over all of its attempts; times in milliseconds. `runTotals` adds these up. */
export interface RunTotals {
  /** From the first start to the end, in milliseconds. */
  readonly durationMs: number
  /** 1 unless a later attempt had to continue the run. */
  readonly attempts: number
  readonly turns: number
  readonly toolCalls: number
  readonly toolErrors: number
  readonly editsOk: number
  readonly editsFailed: number
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly outputTokens: number
  /** The share of the input tokens that came from the provider's cache, 0 to 1; null when no tokens were sent. */
  readonly cacheShare: number | null
  /** Dollars; null when the price of a model is unknown; 0 without a model. */
  readonly costUsd: number | null
  /** Dollars of those turns whose price is known, so a lower bound of the cost. */
  readonly knownCostUsd: number
  /** In the order of first use. */
  readonly providers: readonly ProviderCost[]
  /** Failures of model providers; absent in older runs. */
  readonly troubles?: readonly ProviderTrouble[] | undefined
  /** What setup found in the setup cache; absent without a cache, and in older runs. */
  readonly setupCache?: 'hit' | 'begun' | 'miss' | undefined
  /** Model requests that were repeated. `fallbacks` counts how often another model took over. */
  readonly retries: number
  readonly fallbacks: number
  /** How often the agent said that it was done and the host sent it back to work. */
  readonly bounces: number
  /** Results of the repository's own checks; null when they did not run. */
  readonly checksBefore: CheckCounts | null
  readonly checksAfter: CheckCounts | null
  /** The verdict of the last verification; absent without one. */
  readonly verdict?: Pick<Verdict, 'tone' | 'line'> | undefined
  /** How much of each limit was used at the last turn, 1 for all of it; null without a turn. */
  readonly limitsUsed: LimitShares | null
  /** Such as `anthropic:claude-opus-5-5`, or `dummy`. */
  readonly models: readonly string[]
  /** The agents that worked on the run, in order; absent in older runs. */
  readonly agents?: readonly AgentName[] | undefined
  /** Milliseconds spent waiting for models, retries included. */
  readonly modelMs: number
  /** Median milliseconds to the first token of a turn; null when unknown. */
  readonly firstTokenMs: number | null
  /** Milliseconds in which at least one tool ran: concurrent calls count once. */
  readonly toolMs: number
  readonly harnessMs: number
  readonly langsmithEnabled: boolean
}

export interface CheckCounts {
  readonly passed: number
  readonly failed: number
}

export function isTerminalEvent<Event extends RunEventBody>(event: Event): event is Event & TerminalEvent {
  return event.type === 'run.succeeded' || event.type === 'run.failed' || event.type === 'run.cancelled'
}
