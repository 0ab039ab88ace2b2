import type { ErrorCode } from '../errors.ts'
import type { ImagePart, Transcript } from '../models/transcript.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { AgentName } from '../text/agent-name.ts'
import type { EndedCheck } from '../text/check-ending.ts'
import type { AgentEvent } from './agent-event.ts'

/** Works in a sandbox until it is done. It has no means to push, comment or open a pull request. */
export interface Agent {
  readonly name: AgentName
  /**
   * @throws {ModelError} when no model can continue; `signal.reason` when cancelled; `SandboxError` when the sandbox
   * is lost. Every other failure is reported in the outcome.
   */
  work(task: AgentTask, context: AgentContext): Promise<AgentOutcome>
}

/** What the agent is asked to do, and what is known before its first turn. */
export interface AgentTask {
  readonly runId: string
  /** `owner/name`. */
  readonly repository: string
  readonly baseBranch: string
  readonly baseSha: string
  /** How much history the clone has: `complete, 120 commits; 3 tags`. By default the agent is not told. */
  readonly history?: string | undefined
  /** What the repository refers to and the workspace lacks: submodules, files in Git LFS. */
  readonly keptApart?: readonly string[] | undefined
  /** Absolute path of the workspace inside the sandbox. */
  readonly workspace: string
  /** What the person asked for, as they wrote it. */
  readonly prompt: string
  /** The issue or pull request in which the request was made; its text is data, not instructions. */
  readonly thread?: ThreadContext | undefined
  readonly requester: string
  /** AGENTS.md, CLAUDE.md … in the root directory, read from the base commit. */
  readonly instructions: readonly InstructionFile[]
  /** How the repository wants changes to look, in Backspace's own sentences. Default: none. */
  readonly conventions?: readonly string[] | undefined
  /** The repository's own checks as the host ran them before any change. */
  readonly baseline: readonly BaselineCheck[]
  /** One line on how dependencies were installed, or why not. */
  readonly setup: string
  readonly images: readonly ImagePart[]
  /** Hosts that commands may reach; empty: no network. */
  readonly network: readonly string[]
  readonly limits: AgentLimits
  /** What the run used before this call of `work`; it counts towards the limits. Default: nothing. */
  readonly spent?: AgentSpent | undefined
  /** True for a run that only plans: the agent gets no tool that could change anything. */
  readonly plan?: boolean | undefined
  /** A merge that the host began: what is left to do, and the files in conflict, one per line. */
  readonly merge?: { readonly note: string; readonly conflicts: string } | undefined
  /** How the earlier run ended that this run continues, when no transcript says so. */
  readonly earlier?: string | undefined
  /** Why no model is used, one line per provider; the dummy agent shows it. */
  readonly whyNoModel?: readonly string[] | undefined
}

/** A file with the repository's instructions for agents. */
export interface InstructionFile {
  readonly path: string
  readonly text: string
}

export interface ThreadContext {
  readonly kind: 'issue' | 'pull_request'
  readonly number: number
  readonly title: string
  readonly body: string
  readonly author: string
  /** False when a person without write access wrote it (a tainted run). */
  readonly trusted: boolean
  /** Comments by people with write access, as they stood when the run was requested; oldest first. */
  readonly comments?: readonly QuotedComment[] | undefined
  /** Comments that are left out, one entry per reason: `2 comments by people without write access`. */
  readonly leftOut?: readonly string[] | undefined
  /** Undefined for an issue. */
  readonly changes?: PullRequestChanges | undefined
}

/** A comment of the thread, as the model reads it. */
export interface QuotedComment {
  readonly author: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly text: string
  /** `src/a.ts:12` for a comment on a line. */
  readonly place?: string | undefined
}

/** What a pull request asks to merge into its base branch. */
export interface PullRequestChanges {
  readonly base: string
  readonly head: string
  readonly files: readonly {
    readonly path: string
    readonly status: string
    readonly additions: number
    readonly deletions: number
    /** Unified diff without a header; undefined for binary and large files. */
    readonly patch?: string | undefined
  }[]
}

export interface BaselineCheck extends EndedCheck {
  readonly command: string
  readonly durationMs: number
  /** The last lines of its output. */
  readonly tail: string
}

export interface AgentLimits {
  readonly steps: number
  readonly minutes: number
  readonly usd: number
  /** Input, cache reads, cache writes and output together. */
  readonly tokens: number
}

export interface AgentSpent {
  readonly turns: number
  /** Dollars, for the models whose prices are known. */
  readonly usd: number
  /** Milliseconds that the agent worked. */
  readonly ms: number
  readonly tokens: number
}

export interface AgentContext {
  readonly sandbox: Sandbox
  readonly signal: AbortSignal
  readonly emit: (event: AgentEvent) => void
  /** From now on, masks a secret in everything that people see or that is published. Default: nothing is masked. */
  readonly hide?: ((secret: string) => void) | undefined
  /**
   * Stores the transcript so far; called after every entry, one call at a time. Files that may have changed are stored
   * first, so that no stored transcript describes lost work. The agent may go on meanwhile, but must not carry out a
   * call that changes something before the entry with that call is stored.
   */
  readonly checkpoint: (transcript: Transcript, facts: CheckpointFacts) => Promise<void>
  /** The transcript to continue, after a restart or in a follow-up run. */
  readonly resume?: Transcript | undefined
  /** When `resume` comes from the same run: the state of the workspace. Default: `as_left`. */
  readonly workspaceState?: ResumedWorkspace | undefined
  /** What people with write access added meanwhile. Each entry is returned again until a checkpoint lists it as `taken`. */
  readonly takeFollowUps: () => Promise<readonly FollowUp[]>
  /**
   * The repository's instructions for one directory below its root. They come from the base commit and never from the
   * workspace, where the agent's own commands could have written them. Default: none.
   *
   * @param directory relative to the root, without a trailing slash.
   */
  readonly readInstructions?: (directory: string) => Promise<readonly InstructionFile[]>
  /** Fetches more history into the clone. Undefined when no more can be fetched. */
  readonly fetchHistory?: FetchHistory | undefined
  /** Lets the host run the repository's checks, for the finish gate. */
  readonly verify: () => Promise<VerifyReport>
  /** Whether the workspace differs from the commit that the run started from. Default: the agent asks git in the sandbox. */
  readonly hasChanged?: (() => Promise<boolean>) | undefined
}

/** How much more history an agent asks for. */
export interface HistoryAsk {
  /** How many generations of commits, with their files. Default: all commits and all tags, without files. */
  readonly commits?: number | undefined
}

export interface HistoryAnswer {
  /** Whether the requested history is in the clone now. */
  readonly isThere: boolean
  /** A sentence for the agent on what was fetched, or why nothing was. */
  readonly text: string
}

/** @throws {SandboxError} when the sandbox is lost; the reason of the signal. */
export type FetchHistory = (ask: HistoryAsk, signal: AbortSignal) => Promise<HistoryAnswer>

export interface CheckpointFacts {
  /** True when the agent may have changed files since the last checkpoint. */
  readonly mayHaveChanged: boolean
  /** Ids of the follow-ups that the transcript holds now. */
  readonly taken?: readonly string[] | undefined
}

/** What a person with write access adds to the request while the agent works. */
export interface FollowUp {
  readonly id: string
  /** `@ada`, or the name of an API token. */
  readonly author: string
  readonly text: string
}

/**
 * What happened to the files when a run was interrupted:
 * - `as_left`: the sandbox is the same, and only its processes were ended.
 * - `restored`: a new sandbox has the files of the last checkpoint; `behind` says that later changes were too large to keep.
 * - `not_restored`: a new sandbox has the files of the base commit; `diff` shows the lost changes as text.
 */
export type ResumedWorkspace =
  | { readonly kind: 'as_left' }
  | { readonly kind: 'restored'; readonly behind: boolean }
  | { readonly kind: 'not_restored'; readonly diff: string }

export interface VerifyReport {
  /** False only when a check fails that passed before, or the host would refuse to publish the change. */
  readonly ok: boolean
  /** Why the host would refuse to publish the change: a sentence that says what to do. */
  readonly refused?: string | undefined
  /** For the model: which checks ran, their exit codes, and the output of those that newly fail. */
  readonly report: string
  /** Signs that the change is wrong or cheats its checks: sentences that name the file. */
  readonly warnings?: readonly string[] | undefined
  /** The change as a unified diff, bounded; absent when it could not be read. */
  readonly diff?: string | undefined
}

export interface AgentOutcome {
  /**
   * - `done`: the change is in the workspace.
   * - `partial`: part of it is there; `reason` says what is missing.
   * - `no_change`: nothing had to change; `summary` is the answer.
   * - `blocked`: the agent cannot go on without an answer to `question`.
   * - `plan`: the result of a run that only plans; `summary` is the plan.
   * - `triage`: the dummy agent's report, in Markdown, is the `summary`.
   */
  readonly kind: 'done' | 'partial' | 'no_change' | 'blocked' | 'plan' | 'triage'
  /** Title of the pull request: imperative, at most 72 characters. */
  readonly title: string
  /** Markdown: what changed and why, or the answer. */
  readonly summary: string
  readonly notes?: string | undefined
  readonly question?: string | undefined
  /** One sentence on why the outcome is `partial` or `blocked`. */
  readonly reason?: string | undefined
  /** The error code with which the run fails if the outcome is `partial` and no file was changed. */
  readonly code?: ErrorCode | undefined
  readonly totals: AgentTotals
}

/** An outcome without its totals. */
export type BareOutcome = Omit<AgentOutcome, 'totals'>

/** Counts of one call of `work`. Tokens and dollars are in the `model.turn` events. */
export interface AgentTotals {
  readonly turns: number
  readonly toolCalls: number
  /** Models that answered, in order of first use: `anthropic:claude-opus-5-5`; `dummy` for the dummy agent. */
  readonly models: readonly string[]
}
