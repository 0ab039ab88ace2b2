import { type ErrorCode, knownError } from '../../errors.ts'
import type { RunLog } from '../../runs/log/run-log.ts'
import { isProof } from '../../runs/proof-request.ts'
import { isTerminal, type Run, requesterLogin } from '../../runs/run.ts'
import { isTerminalEvent, type RunEvent } from '../../runs/run-event.ts'
import { type FindSimilar, similarLine } from '../../runs/stats/similar-runs.ts'
import { foldRun, NO_EVENTS, type RunState } from '../../runs/summary/run-state.ts'
import { type Redact, redactInTurns } from '../../secrets/redact.ts'
import { maskSafe, type SafeMarkdown } from '../../text/markdown/safe-markdown.ts'
import { inTurns } from '../../time/pieces.ts'
import type { ThreadReport } from '../run-report.ts'
import { linkHostsOf } from '../texts/link-hosts.ts'
import { createPacer } from './pacer.ts'
import { progressMarker, progressText } from './progress-text.ts'
import { PROOF_MARKER, sharedProof } from './proof-comment.ts'
import { createThreadComment, type ThreadComment, type ThreadCommentDeps } from './thread-comment.ts'

/** Keeps the comment of one run up to date with the run's log. */
export interface ProgressComment {
  /** Schedules an edit: soon, so that following events are included, or at once for the last event. */
  update(event: RunEvent): void
  /** Writes the ending at once. Returns the comment's URL; null without a thread, or when GitHub could not be reached. */
  conclude(report: ThreadReport): Promise<string | null>
  /**
   * Writes the ending from the log, for a run that another process ended without reporting it.
   *
   * @returns false if GitHub refuses comments in the thread.
   */
  writeEnding(): Promise<boolean>
  /** Tries once more to write an ending that is not written yet. */
  close(): Promise<void>
}

interface ProgressCommentDeps extends ThreadCommentDeps {
  readonly log: Pick<RunLog, 'read'>
  /** URL of a run's page; undefined when only this machine could open it. */
  readonly runUrl: (runId: string) => string | undefined
  readonly similar?: FindSimilar
  readonly linkHosts?: readonly string[]
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
  readonly redact: Redact
  readonly now: () => Date
  readonly editIntervalMs: number
  /** Called when this process expects no more events of the run, so that the comment can be dropped. */
  readonly onSettled: () => void
}

/** After how many intervals an ending that GitHub did not accept is retried: 10 seconds to 15 minutes. */
const RETRY_AFTER = [2, 6, 12, 60, 180]
/** Usually the process that took the request writes first; if it has died, another one writes after this time. */
const FIRST_AFTER_MS = 1_000
/** Errors for which GitHub refuses comments: the comment was deleted, the thread is locked, or access was lost. */
const REFUSALS: readonly ErrorCode[] = [
  'not_found',
  'conflict',
  'permission_missing',
  'not_installed',
  'repository_not_found',
  'repository_archived',
  'repository_disabled',
]

interface CommentTarget {
  readonly run: Run
  readonly comment: ThreadComment
  readonly mayMention: readonly string[]
}

export function createProgressComment(runId: string, deps: ProgressCommentDeps): ProgressComment {
  const { log, onError, redact, now, editIntervalMs, onSettled } = deps
  const pacer = createPacer(editIntervalMs, writeSafely)
  /** Undefined until it is known; null for a run without a thread. */
  let target: CommentTarget | null | undefined
  let state: RunState = NO_EVENTS
  let report: ThreadReport | undefined
  let written: { readonly body: string; readonly url: string | undefined } | undefined
  /** Set once the comment shows how the run ended. */
  let writtenStatus: ThreadReport['status'] | undefined
  let failures = 0
  /** GitHub refused the comment; only the ending is tried once more. */
  let refused = false
  /** The last attempt that this process has seen; 0 while it has only seen the request. */
  let seenAttempt = 0
  let seenEnd = false
  /** True while this process may have overwritten the ending: it slept, or the answer to an edit was lost. */
  let mayHideEnding = false

  async function open(): Promise<CommentTarget | null> {
    const run = await deps.store.get(runId)
    const thread = run?.request.thread
    if (!run || !thread) return null
    const login = requesterLogin(run.request)
    const isShared = isProof(run.request)
    const marker = isShared ? PROOF_MARKER : progressMarker(runId)
    return {
      run,
      comment: createThreadComment(deps, { run, thread, marker, isShared }),
      mayMention: login === undefined ? [] : [login],
    }
  }

  async function catchUp(): Promise<void> {
    for (;;) {
      const events = await log.read(runId, state.seq)
      if (events.length === 0) return
      // Masked before texts are cut, because half a secret cannot be recognised.
      for (const event of await redactInTurns(events, redact)) state = foldRun(state, event)
    }
  }

  /** Whether another process holds the run or has ended it, so that the state here may be old. */
  async function isHeldElsewhere(): Promise<boolean> {
    if (report !== undefined || seenEnd) return false
    const run = await deps.store.get(runId)
    return run === undefined || isTerminal(run.status) || run.attempt > seenAttempt
  }

  /** What similar runs took and cost; undefined if the database cannot say, since the comment does not depend on it. */
  async function similarTo(run: Run): Promise<string | undefined> {
    const found = await deps.similar?.(run).catch(() => undefined)
    return found && similarLine(found, run.budgetUsd)
  }

  async function write({ run, comment, mayMention }: CommentTarget): Promise<void> {
    await catchUp()
    const proof = await sharedProof(run, deps.store)
    const isShown = proof?.hasComment ?? true
    if (await isHeldElsewhere()) return restoreEnding(comment)
    const status = state.ending?.status ?? report?.status
    const ending = report?.status === status ? report : undefined
    const repository = await comment.repository()
    const context = {
      runId,
      runUrlOf: deps.runUrl,
      repository,
      mayMention,
      linkHosts: linkHostsOf(run.request, { operator: deps.linkHosts }),
      now: now(),
      report: ending,
      proof,
      similar: status === undefined ? await similarTo(run) : undefined,
    }
    const body = await inTurns(maskSafe(progressText(state, context), redact))
    if (status === undefined) return isShown ? writeProgress(comment, body) : undefined
    if (written?.body !== body) written = { body, url: (await comment.writeEnding(body, { isShown }))?.url }
    if (status === writtenStatus) return
    writtenStatus = status
    await comment.swapReaction(status === 'succeeded' ? 'rocket' : 'confused')
  }

  async function writeProgress(comment: ThreadComment, body: SafeMarkdown): Promise<void> {
    if (written?.body === body) return
    mayHideEnding = true
    const { url } = await comment.write(body)
    written = { body, url }
    if (await isHeldElsewhere()) return restoreEnding(comment)
    mayHideEnding = false
  }

  /** Restores an ending that this process may have overwritten. A failure is retried like that of any other edit. */
  async function restoreEnding(comment: ThreadComment): Promise<void> {
    if (mayHideEnding) await comment.restoreEnding()
    mayHideEnding = false
  }

  async function writeSafely(): Promise<void> {
    try {
      target ??= await open()
      if (target) await write(target)
      failures = 0
      refused = false
    } catch (error) {
      recordFailure(error)
    }
    scheduleNext()
  }

  function recordFailure(error: unknown): void {
    failures++
    const code = knownError(error)?.code
    refused = code !== undefined && REFUSALS.includes(code)
    // A failed edit need not be reported, since the next one makes up for it.
    if (ended() || code === undefined) onError(error, { runId })
  }

  function ended(): boolean {
    return seenEnd || report !== undefined
  }

  function scheduleNext(): void {
    const missing = ended() && target !== null && writtenStatus === undefined && !refused
    const retryAfter = missing ? RETRY_AFTER[failures - 1] : undefined
    if (retryAfter !== undefined) pacer.soon(retryAfter * editIntervalMs)
    // At random intervals: a run that always asks after all others would never get a share of GitHub's rate limit.
    else if (failures > 0 && !ended() && !refused) pacer.soon(editIntervalMs * (0.5 + Math.random()))
    // Another process may work on a run that this one only queued.
    else if (seenEnd || (seenAttempt === 0 && report === undefined)) onSettled()
  }

  return {
    update(event) {
      if (event.type === 'run.started' || event.type === 'run.paused') seenAttempt = event.attempt
      if (isTerminalEvent(event)) seenEnd = true
      if (seenEnd) void pacer.flush()
      else if (target !== null && !refused) {
        pacer.soon(event.type === 'run.queued' || written ? 0 : FIRST_AFTER_MS)
      }
    },
    async conclude(ending) {
      report = await redactInTurns(ending, redact)
      await pacer.flush()
      return writtenStatus === ending.status ? (written?.url ?? null) : null
    },
    async writeEnding() {
      seenEnd = true
      await pacer.flush()
      return !refused
    },
    async close() {
      const missing = ended() && writtenStatus === undefined && target !== null
      if (missing || mayHideEnding) await pacer.flush()
      await pacer.close()
    },
  }
}
