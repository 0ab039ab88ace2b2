import { knownError } from '../../errors.ts'
import type { Redact } from '../../redaction.ts'
import type { RunLog } from '../../runs/log/run-log.ts'
import { isTerminalEvent, type RunEvent } from '../../runs/run-event.ts'
import type { Conclusion } from '../conclusion.ts'
import { requesterLogin } from '../texts/requester-login.ts'
import { createPacer } from './create-pacer.ts'
import { foldProgress, NO_PROGRESS, type ProgressState } from './progress-state.ts'
import { progressMarker, progressText } from './progress-text.ts'
import { createThreadComment, type ThreadComment, type ThreadCommentDeps } from './thread-comment.ts'

/** Keeps the comment of one run up to date with the run's log. */
export interface ProgressComment {
  /** Something happened: the comment is written soon, several events together, and at once at the end. */
  update(event: RunEvent): void
  /** Writes the end at once; null when there is no thread, or GitHub could not be reached. */
  conclude(conclusion: Conclusion): Promise<string | null>
  /** Tries once more to write an end that is not written yet. */
  close(): Promise<void>
}

export interface ProgressCommentDeps extends ThreadCommentDeps {
  readonly log: Pick<RunLog, 'read'>
  readonly runUrl: (runId: string) => string
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
  readonly redact: Redact
  readonly now: () => Date
  readonly editIntervalMs: number
  /** As far as this process knows nothing more will come: the comment may be forgotten. */
  readonly onSettled: () => void
}

/** An end that GitHub did not take is tried again after this many intervals: 10, 30 and 60 seconds. */
const RETRY_AFTER = [2, 6, 12]

interface Place {
  readonly comment: ThreadComment
  readonly mayMention: readonly string[]
}

export function createProgressComment(runId: string, deps: ProgressCommentDeps): ProgressComment {
  const { log, onError, redact, now, editIntervalMs, onSettled } = deps
  const pacer = createPacer(editIntervalMs, writeSafely)
  /** Undefined: not known yet; null: there is no comment to write. */
  let place: Place | null | undefined
  let state: ProgressState = NO_PROGRESS
  let conclusion: Conclusion | undefined
  let written: { readonly body: string; readonly url: string } | undefined
  /** How the run ended, once the comment says so. */
  let endWritten: Conclusion['status'] | undefined
  let failures = 0
  let latest: RunEvent['type'] | undefined

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
      state = events.reduce(foldProgress, state)
    }
  }

  async function write({ comment, mayMention }: Place): Promise<void> {
    await catchUp()
    const status = state.end?.status ?? conclusion?.status
    const ending = conclusion !== undefined && status === conclusion.status ? { conclusion } : {}
    const repository = await comment.repository()
    const context = { runId, runUrl: deps.runUrl(runId), repository, mayMention, now: now(), ...ending }
    const body = redact(progressText(state, context))
    if (written?.body !== body) written = { body, url: (await comment.write(body)).url }
    if (status === undefined || status === endWritten) return
    endWritten = status
    await comment.swapReaction(status === 'succeeded' ? 'rocket' : 'confused')
  }

  async function writeSafely(): Promise<void> {
    try {
      place ??= await open()
      if (place) await write(place)
      failures = 0
    } catch (error) {
      onError(error, { runId })
      failures++
      // Somebody deleted the comment, or locked the thread: they do not want it.
      if (knownError(error)?.code === 'not_found') place = null
    }
    settle()
  }

  function settle(): void {
    const ended = latest !== undefined && isTerminalEvent({ type: latest })
    const missing = ended && place !== null && endWritten === undefined
    const retryAfter = missing ? RETRY_AFTER[failures - 1] : undefined
    if (retryAfter !== undefined) pacer.soon(retryAfter * editIntervalMs)
    // A run that only waits here may be carried on by another process.
    else if (ended || (latest === 'run.queued' && conclusion === undefined)) onSettled()
  }

  return {
    update(event) {
      latest = event.type
      if (isTerminalEvent(event)) void pacer.flush()
      else if (place !== null) pacer.soon(event.type === 'run.queued' || written ? 0 : editIntervalMs)
    },
    async conclude(ending) {
      conclusion = ending
      await pacer.flush()
      return endWritten === ending.status ? (written?.url ?? null) : null
    },
    async close() {
      const ended = conclusion !== undefined || (latest !== undefined && isTerminalEvent({ type: latest }))
      if (ended && endWritten === undefined && place !== null) await pacer.flush()
      await pacer.close()
    },
  }
}
