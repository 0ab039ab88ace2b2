import { type ErrorCode, knownError } from '../../errors.ts'
import type { Redact } from '../../redaction.ts'
import type { RunLog } from '../../runs/log/run-log.ts'
import { isTerminal } from '../../runs/run.ts'
import { isTerminalEvent, type RunEvent } from '../../runs/run-event.ts'
import { foldRun, NO_EVENTS, type RunState } from '../../runs/summary/run-state.ts'
import { maskSafe, type SafeMarkdown } from '../../text/safe-markdown.ts'
import type { ThreadReport } from '../run-report.ts'
import { requesterLogin } from '../texts/requester-login.ts'
import { progressMarker, progressText } from './progress-text.ts'
import { createThreadComment, type ThreadComment, type ThreadCommentDeps } from './thread-comment.ts'

/** Keeps the comment of one run up to date with the run's log. */
export interface ProgressComment {
  /** Something happened: the comment is written soon, several events together, and at once at the end. */
  update(event: RunEvent): void
  /** Writes the end at once; null when there is no thread, or GitHub could not be reached. */
  conclude(conclusion: ThreadReport): Promise<string | null>
  /** Tries once more to write an end that is not written yet. */
  close(): Promise<void>
}

interface ProgressCommentDeps extends ThreadCommentDeps {
  readonly log: Pick<RunLog, 'read'>
  readonly runUrl: (runId: string) => string
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
  readonly redact: Redact
  readonly now: () => Date
  readonly editIntervalMs: number
  /** As far as this process knows nothing more will come: the comment may be forgotten. */
  readonly onSettled: () => void
}

/** An end that GitHub did not take is tried again after this many intervals: 10 seconds to 15 minutes. */
const RETRY_AFTER = [2, 6, 12, 60, 180]
/** Whoever took the request mostly writes first; should it have died, nobody waits long for the first words. */
const FIRST_AFTER_MS = 1_000
/** GitHub does not want a comment there: it was deleted, the thread is locked, the repository closed to us. */
const UNWANTED: readonly ErrorCode[] = [
  ...(['not_found', 'conflict', 'permission_missing', 'not_installed'] as const),
  ...(['repository_not_found', 'repository_archived', 'repository_disabled'] as const),
]

interface Place {
  readonly comment: ThreadComment
  readonly mayMention: readonly string[]
}

export function createProgressComment(runId: string, deps: ProgressCommentDeps): ProgressComment {
  const { log, onError, redact, now, editIntervalMs, onSettled } = deps
  const pacer = createPacer(editIntervalMs, writeSafely)
  /** Undefined: not known yet; null: there is no comment to write. */
  let place: Place | null | undefined
  let state: RunState = NO_EVENTS
  let conclusion: ThreadReport | undefined
  let written: { readonly body: string; readonly url: string } | undefined
  /** How the run ended, once the comment says so. */
  let endWritten: ThreadReport['status'] | undefined
  let failures = 0
  /** GitHub said that it wants no comment; only the end is tried once more. */
  let unwanted = false
  /** Attempt that this process carries; 0 while it only knows of the request. */
  let heardAttempt = 0
  let heardEnd = false
  /** True while this process may have written over the end: it slept, or GitHub did not say what came of an edit. */
  let overEnd = false

  async function open(): Promise<Place | null> {
    const run = await deps.store.get(runId)
    const thread = run?.request.thread
    if (!run || !thread) return null
    const login = requesterLogin(run.request)
    return {
      comment: createThreadComment(deps, { run, thread, marker: progressMarker(runId) }),
      mayMention: login === undefined ? [] : [login],
    }
  }

  async function catchUp(): Promise<void> {
    for (;;) {
      const events = await log.read(runId, state.seq)
      if (events.length === 0) return
      state = events.reduce(foldRun, state)
    }
  }

  /** Another process has the run by now, or has told its end: what is known here may be old. */
  async function isElsewhere(): Promise<boolean> {
    if (conclusion !== undefined || heardEnd) return false
    const run = await deps.store.get(runId)
    return run === undefined || isTerminal(run.status) || run.attempt > heardAttempt
  }

  async function write({ comment, mayMention }: Place): Promise<void> {
    await catchUp()
    if (await isElsewhere()) return restoreEnd(comment)
    const status = state.ending?.status ?? conclusion?.status
    const ending = conclusion !== undefined && status === conclusion.status ? { conclusion } : {}
    const repository = await comment.repository()
    const context = { runId, runUrl: deps.runUrl(runId), repository, mayMention, now: now(), ...ending }
    const body = maskSafe(progressText(state, context), redact)
    if (status === undefined) return writeProgress(comment, body)
    if (written?.body !== body) written = { body, url: (await comment.writeEnd(body)).url }
    if (status === endWritten) return
    endWritten = status
    await comment.swapReaction(status === 'succeeded' ? 'rocket' : 'confused')
  }

  async function writeProgress(comment: ThreadComment, body: SafeMarkdown): Promise<void> {
    if (written?.body === body) return
    overEnd = true
    const { url } = await comment.write(body)
    written = { body, url }
    if (await isElsewhere()) return restoreEnd(comment)
    overEnd = false
  }

  /** Tried again, like any other edit, until GitHub takes it. */
  async function restoreEnd(comment: ThreadComment): Promise<void> {
    if (overEnd) await comment.restoreEnd()
    overEnd = false
  }

  async function writeSafely(): Promise<void> {
    try {
      place ??= await open()
      if (place) await write(place)
      failures = 0
      unwanted = false
    } catch (error) {
      noteFailure(error)
    }
    settle()
  }

  function noteFailure(error: unknown): void {
    failures++
    const code = knownError(error)?.code
    unwanted = code !== undefined && UNWANTED.includes(code)
    // An edit that is missed is made up for by the next one.
    if (ended() || code === undefined) onError(error, { runId })
  }

  function ended(): boolean {
    return heardEnd || conclusion !== undefined
  }

  function settle(): void {
    const missing = ended() && place !== null && endWritten === undefined && !unwanted
    const retryAfter = missing ? RETRY_AFTER[failures - 1] : undefined
    if (retryAfter !== undefined) pacer.soon(retryAfter * editIntervalMs)
    else if (failures > 0 && !ended() && !unwanted) pacer.soon(editIntervalMs)
    // A run that only waits here may be carried on by another process.
    else if (heardEnd || (heardAttempt === 0 && conclusion === undefined)) onSettled()
  }

  return {
    update(event) {
      if (event.type === 'run.started') heardAttempt = event.attempt
      if (isTerminalEvent(event)) heardEnd = true
      if (heardEnd) void pacer.flush()
      else if (place !== null && !unwanted) {
        pacer.soon(event.type === 'run.queued' || written ? 0 : FIRST_AFTER_MS)
      }
    },
    async conclude(ending) {
      conclusion = ending
      await pacer.flush()
      return endWritten === ending.status ? (written?.url ?? null) : null
    },
    async close() {
      const missing = ended() && endWritten === undefined && place !== null
      if (missing || overEnd) await pacer.flush()
      await pacer.close()
    },
  }
}

/** Does the same work again and again, one at a time and not too often. */
interface Pacer {
  /** Once after `delayMs`, or when the interval allows it; calls until then are the same call. */
  soon(delayMs?: number): void
  /** Once right after what is under way, whatever the interval says. */
  flush(): Promise<void>
  /** Starts nothing more; resolves when nothing is under way. */
  close(): Promise<void>
}

/**
 * @param intervalMs between the start of one work and the next that `soon` asks for.
 * @param work must not reject.
 */
function createPacer(intervalMs: number, work: () => Promise<void>): Pacer {
  let timer: NodeJS.Timeout | undefined
  let startedAt = Number.NEGATIVE_INFINITY
  let closed = false
  let queue: Promise<void> = Promise.resolve()

  function start(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    queue = queue.then(async () => {
      startedAt = performance.now()
      await work()
    })
    return queue
  }

  return {
    soon(delayMs = 0) {
      if (closed || timer !== undefined) return
      const delay = Math.max(delayMs, startedAt + intervalMs - performance.now())
      // Unreferenced: a comment that is due must not keep a finished process alive.
      timer = setTimeout(() => void start(), delay).unref()
    },
    flush: () => (closed ? queue : start()),
    close() {
      closed = true
      clearTimeout(timer)
      return queue
    },
  }
}
