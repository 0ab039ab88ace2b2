import type { ErrorCode } from '../errors.ts'
import type { ImagePart, Transcript } from '../models/transcript.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { AgentName } from '../text/agent-name.ts'
import type { EndedCheck } from '../text/check-ending.ts'
import type { AgentEvent } from './agent-event.ts'

/** Works in a sandbox until it is done. Never pushes, comments or opens a pull request: it has no way to. */
export interface Agent {
  readonly name: AgentName
  /**
   * @throws {ModelError} when no model can go on; `signal.reason` when cancelled; `SandboxError` when the sandbox
   * is lost. Everything else that goes wrong ends in the outcome.
   */
  work(task: AgentTask, context: AgentContext): Promise<AgentOutcome>
}

/** The request, and what is known before the first turn. */
export interface AgentTask {
  readonly runId: string
  /** `owner/name`. */
  readonly repository: string
  readonly baseBranch: string
  readonly baseSha: string
  /** What git knows of the past: `complete, 120 commits; 3 tags`. Default: nothing is said. */
  readonly history?: string | undefined
  /** What the workspace does not hold although the repository names it: submodules, files in Git LFS. */
  readonly keptApart?: readonly string[] | undefined
  /** Absolute path of the workspace inside the sandbox. */
  readonly workspace: string
  /** What the human asked for, as they wrote it. */
  readonly prompt: string
  /** The issue or pull request of the request; its text is data, not instructions. */
  readonly thread?: ThreadContext | undefined
  readonly requester: string
  /** AGENTS.md, CLAUDE.md … of the root, read from the base commit. */
  readonly instructions: readonly InstructionFile[]
  /** How the repository wants changes to look; our own sentences. Default: nothing is said. */
  readonly conventions?: readonly string[] | undefined
  /** The repository's own checks as the host ran them before any change. */
  readonly baseline: readonly BaselineCheck[]
  /** One line on how dependencies were installed, or why not. */
  readonly setup: string
  readonly images: readonly ImagePart[]
  /** Hosts that commands may reach; empty: no network. */
  readonly network: readonly string[]
  readonly limits: AgentLimits
  /** What the run has used before this call of `work`; it counts towards the limits. Default: nothing. */
  readonly spent?: AgentSpent | undefined
  /** True: look and plan, and change nothing. The run has no tools that could. */
  readonly plan?: boolean | undefined
  /** A merge that the host began: what to do, and the files in conflict, one a line. */
  readonly merge?: { readonly note: string; readonly conflicts: string } | undefined
  /** How the run ended that this one continues, when its transcript does not say. */
  readonly earlier?: string | undefined
  /** For the dummy agent: why no model is used, one line per provider. */
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
  /** By people with write access, as they were when the run was asked for; oldest first. */
  readonly comments?: readonly QuotedComment[] | undefined
  /** What else was said there, one entry per reason: `2 comments by people without write access`. */
  readonly leftOut?: readonly string[] | undefined
  /** Of a pull request. */
  readonly changes?: PullRequestChanges | undefined
}

/** A comment of the thread, as the model reads it. */
export interface QuotedComment {
  readonly author: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly text: string
  /** `src/a.ts:12`, of a comment on a line. */
  readonly place?: string | undefined
}

/** What a pull request asks for: to merge one branch into another. */
export interface PullRequestChanges {
  readonly base: string
  readonly head: string
  readonly files: readonly {
    readonly path: string
    readonly status: string
    readonly additions: number
    readonly deletions: number
    /** Unified diff without a header; undefined for binary files and large ones. */
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
  /** Of every kind together: input, cache reads, cache writes and output. */
  readonly tokens: number
}

export interface AgentSpent {
  readonly turns: number
  /** As far as prices are known. */
  readonly usd: number
  /** Milliseconds that the agent worked. */
  readonly ms: number
  readonly tokens: number
}

export interface AgentContext {
  readonly sandbox: Sandbox
  readonly signal: AbortSignal
  readonly emit: (event: AgentEvent) => void
  /** Masks a secret of this run in all that people see and that is published, from now on. Default: nothing is masked. */
  readonly hide?: ((secret: string) => void) | undefined
  /**
   * Stores the transcript so far; called after every entry, one call at a time. Files that may have changed are stored
   * first, so that no stored transcript describes lost work. The agent may go on meanwhile, but it changes nothing
   * before the entry with the call is stored.
   */
  readonly checkpoint: (transcript: Transcript, facts: CheckpointFacts) => Promise<void>
  /** Transcript to go on from, after a restart or for a follow-up run. */
  readonly resume?: Transcript | undefined
  /** With `resume` of the same run: the state of the workspace. Default: as it was left. */
  readonly workspaceState?: ResumedWorkspace | undefined
  /** What authorised people added meanwhile: returned until a checkpoint says that the transcript holds it. */
  readonly takeFollowUps: () => Promise<readonly FollowUp[]>
  /**
   * The repository's instructions for one directory below its root, from the base commit: never from the workspace,
   * where the agent's own commands could have written them. Default: none.
   *
   * @param directory from the root, without a slash at its end.
   */
  readonly readInstructions?: (directory: string) => Promise<readonly InstructionFile[]>
  /** Brings more of the past into the clone. Default: there is only what `AgentTask.history` says. */
  readonly fetchHistory?: FetchHistory | undefined
  /** Runs the repository's checks on the host's order, for the finish gate. */
  readonly verify: () => Promise<VerifyReport>
  /** Whether the workspace differs from the commit that the run started from. Default: git in the sandbox says. */
  readonly hasChanged?: (() => Promise<boolean>) | undefined
}

/** What an agent wants to have of the past. */
export interface HistoryAsk {
  /** Generations of commits, with their files. Default: all commits and all tags, without files. */
  readonly commits?: number | undefined
}

/** What became of it: a sentence for the agent. */
export interface HistoryAnswer {
  readonly isThere: boolean
  readonly text: string
}

/** @throws {SandboxError} when the sandbox is lost; the reason of the signal. */
export type FetchHistory = (ask: HistoryAsk, signal: AbortSignal) => Promise<HistoryAnswer>

export interface CheckpointFacts {
  /** True when the agent's own work may have changed files since the last call. */
  readonly mayHaveChanged: boolean
  /** Ids of the follow-ups that the new entries hold. */
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
 * - `as_left`: the same sandbox, only its processes were ended.
 * - `restored`: another sandbox, with the files as of the last checkpoint; `behind` when some were too large for it.
 * - `not_restored`: another sandbox, with the files of the base commit; `diff` is what had been changed, as text.
 */
export type ResumedWorkspace =
  | { readonly kind: 'as_left' }
  | { readonly kind: 'restored'; readonly behind: boolean }
  | { readonly kind: 'not_restored'; readonly diff: string }

export interface VerifyReport {
  /** False only when something failed that did not fail before, or the change is refused. */
  readonly ok: boolean
  /** Why the host would refuse to publish the change: a sentence that says what to do. */
  readonly refused?: string | undefined
  /** For the model: what was run, with exit codes and the output of what newly failed. */
  readonly report: string
  /** Signs that something in the change is wrong or was made to look right: sentences that name the file. */
  readonly warnings?: readonly string[] | undefined
  /** The change as a unified diff, bounded; absent when it could not be read. */
  readonly diff?: string | undefined
}

export interface AgentOutcome {
  /**
   * - `done`: the change is in the workspace.
   * - `partial`: part of it is there; `reason` says what is missing.
   * - `no_change`: nothing had to change; `summary` is the answer.
   * - `blocked`: it cannot go on without a human; `question` asks.
   * - `plan`: of a run that only plans; `summary` is the plan.
   * - `triage`: the dummy agent's report; `summary` is the report in Markdown.
   */
  readonly kind: 'done' | 'partial' | 'no_change' | 'blocked' | 'plan' | 'triage'
  /** ≤ 72 characters, imperative: the pull request's title. */
  readonly title: string
  /** Markdown: what changed and why, or the answer. */
  readonly summary: string
  readonly notes?: string | undefined
  readonly question?: string | undefined
  /** Why it is partial or blocked, one sentence. */
  readonly reason?: string | undefined
  /** The code a run ends with when it is `partial` and nothing was changed. */
  readonly code?: ErrorCode | undefined
  readonly totals: AgentTotals
}

/** An outcome without its totals. */
export type BareOutcome = Omit<AgentOutcome, 'totals'>

/** Of one call of `work`. What it cost is in its events. */
export interface AgentTotals {
  readonly turns: number
  readonly toolCalls: number
  /** Models that answered, in order of first use: `anthropic:claude-opus-5-5`; `dummy` for the dummy agent. */
  readonly models: readonly string[]
}
