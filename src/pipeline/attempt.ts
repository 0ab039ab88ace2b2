import type { AuditFact } from '../audit/audit-entry.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { PUBLISH_MINUTES } from '../checks/command-limits.ts'
import { BackspaceError } from '../errors.ts'
import type { GitHubAccess, RepositoryAccess } from '../github/github-access.ts'
import type { RepositoryInfo } from '../github/repositories.ts'
import type { Execute } from '../runs/queue/run-worker.ts'
import type { Run, RunProgress } from '../runs/run.ts'
import type { RunStore } from '../runs/store/run-store.ts'
import { basicCredential } from './workspace/workspace.ts'

/** One worker's hold on a run. */
export interface Attempt extends Disposable {
  readonly run: Run
  /** Counts from 1. Every write carries it, so that a stale worker writes nothing. */
  readonly number: number
  /** Aborts on cancellation, hand-over, the time limit, and when the log refuses this attempt's events. */
  readonly signal: AbortSignal
  /** Milliseconds until what there is must be verified and published, so that the time limit does not take it. */
  readonly leftMs: () => number
  /** Milliseconds that verifying may take from now on; 0 if nothing is verified. */
  readonly verifyMs: () => number
  readonly stop: (reason: unknown) => void
  readonly saveProgress: (patch: RunProgress) => Promise<void>
  /**
   * Asks whether this attempt may begin an effect outside that cannot be undone; call it right before.
   *
   * @throws {WriteRefused} when another attempt holds the run.
   * @throws {BackspaceError} `cancelled`
   */
  readonly requireHeld: () => Promise<void>
  /** Stores what the audit log must say about the run. */
  readonly record: Record
}

/** @throws {DatabaseAway} when it cannot be stored. */
type Record = (fact: AuditFact) => Promise<void>

/** Time counts from when the run first started; a late attempt still gets to publish what there is. */
const LAST_MINUTES = 8

/**
 * @param services.minutes the hard limit of the run.
 * @param services.verifyMinutes how many of them belong to the verification.
 */
export function openAttempt(
  { run, attempt: number, signal: stopped }: Parameters<Execute>[0],
  {
    store,
    audit,
    minutes,
    verifyMinutes = 0,
    now,
  }: {
    readonly store: Pick<RunStore, 'requireHeld' | 'setProgress'>
    readonly audit: Pick<AuditLog, 'append'>
    readonly minutes: number
    readonly verifyMinutes?: number
    readonly now: () => Date
  },
): Attempt {
  const stop = new AbortController()
  const usedMs = run.startedAt === null ? 0 : now().getTime() - run.startedAt.getTime()
  const leftMs = Math.max(minutes * 60_000 - usedMs, (LAST_MINUTES + verifyMinutes) * 60_000)
  const publishAt = performance.now() + leftMs - PUBLISH_MINUTES * 60_000
  const verifyMs = verifyMinutes * 60_000
  const timer = setTimeout(() => stop.abort(timeLimit(minutes)), leftMs).unref()
  return {
    run,
    number,
    signal: AbortSignal.any([stopped, stop.signal]),
    leftMs: () => Math.max(0, publishAt - verifyMs - performance.now()),
    verifyMs: () => Math.max(0, Math.min(verifyMs, publishAt - performance.now())),
    stop: (reason) => stop.abort(reason),
    saveProgress: (patch) => store.setProgress(run.id, number, patch),
    requireHeld: () => store.requireHeld(run.id, number),
    record: (fact) => audit.append({ ...fact, actor: 'backspace', runId: run.id }),
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}

function timeLimit(minutes: number): BackspaceError {
  return new BackspaceError(
    'time_limit',
    `The run took longer than ${minutes} minutes and was stopped. Ask for a smaller step, or raise BACKSPACE_MAX_MINUTES.`,
  )
}

/** Finds the repository under its present name, with a credential whose tokens are masked before they are used. */
export type ReachRepository = () => Promise<RepositoryAccess>

/**
 * @param hide masks a secret from then on.
 * @throws {BackspaceError} `not_installed`, `repository_not_found`, `unauthorized`, `github_unavailable` …
 */
export function createReachRepository(
  { github, tracing }: { readonly github: GitHubAccess; readonly tracing?: RunTracing | undefined },
  { run, signal }: Pick<Attempt, 'run' | 'signal'>,
  hide: (secret: string) => void,
): ReachRepository {
  const { repository, installationId } = run.request
  function onToken(token: string): void {
    hide(token)
    hide(basicCredential(token))
  }
  return async () => {
    const access = await github.repository({ ...repository, installationId })
    tracing?.admit(run.id, access.repository)
    return {
      ...access,
      mintToken: (purpose) => access.mintToken(purpose, { signal, onToken, runId: run.id }),
    }
  }
}

/** Decides about each run whether it is traced, by the repository that it works on. */
export interface RunTracing {
  /** Until it is called nothing of the run is traced. Only the first call of an attempt counts. */
  admit(runId: string, repository: Pick<RepositoryInfo, 'owner' | 'name' | 'private'>): void
  isTraced(runId: string): boolean
}
