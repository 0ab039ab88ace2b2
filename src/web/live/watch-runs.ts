import { setTimeout as delay } from 'node:timers/promises'
import { isTerminalEvent } from '../../runs/run-event.ts'
import { forPage } from '../../text/hidden-characters.ts'
import { within } from '../../time/within.ts'
import type { RunPageData } from '../pages/run-page.ts'
import type { WebDeps } from '../web-deps.ts'
import { createLiveReader, type LiveReader } from './live-reader.ts'
import type { RunFold } from './run-fold.ts'
import type { RunFolds } from './run-folds.ts'
import { type DrawParts, sendParts } from './send-parts.ts'

/** Shows running runs live. Readers of a run that have seen the same events share one follower and one drawing. */
export interface WatchRuns {
  /**
   * Streams HTML of what changed after an event as server-sent events, until the end of the run. A slow reader gets
   * larger updates, less often. Closing the stream does not stop the run.
   */
  open(
    runId: string,
    reader: { readonly after: number; readonly split: boolean; readonly signal: AbortSignal },
  ): ReadableStream<Uint8Array>
}

interface WatchDeps extends Pick<WebDeps, 'log' | 'closing' | 'reportError'> {
  readonly folds: RunFolds
  /** Reads what a page shows about a run besides its events. */
  readonly view: (runId: string) => Promise<Pick<RunPageData, 'run' | 'waiting'>>
  readonly drawParts: DrawParts
}

/** The readers of one run, who share a follower. */
interface Room {
  readonly readers: Set<LiveReader>
  /** Draws what is new soon. */
  readonly ring: () => void
}

/** Events that arrive within this time are drawn together. Milliseconds. */
const GATHER_MS = 200
/** How often to draw without an event, because a place in line has none, and a proxy may close a silent connection. */
const QUEUED_MS = 5_000
const PING_MS = 15_000
/** How long after a drawing that took too long the next one is tried at the earliest. */
const AGAIN_MS = 1_000
const RETRY = 'retry: 2000\n\n'

export function createWatchRuns(deps: WatchDeps): WatchRuns {
  const { drawParts } = deps
  const watched = new Map<string, Room>()

  function watch(runId: string): Room {
    const readers = new Set<LiveReader>()
    let bell = Promise.withResolvers<void>()
    const room = { readers, ring: () => bell.resolve() }
    watched.set(runId, room)
    const wait = async (ms: number) => {
      await within(ms, bell.promise)
      bell = Promise.withResolvers()
    }
    void serve(runId, { ...room, wait })
      .catch((error: unknown) =>
        deps.reportError(error, { requestId: runId, method: 'GET', path: `/runs/${runId}/live` }),
      )
      .finally(() => {
        watched.delete(runId)
        for (const reader of readers) reader.close()
      })
    return room
  }

  async function serve(
    runId: string,
    { readers, ring, wait }: Room & { readonly wait: (ms: number) => Promise<void> },
  ): Promise<void> {
    const leave = new AbortController()
    const signal = deps.closing ? AbortSignal.any([leave.signal, deps.closing]) : leave.signal
    // `closing` lives as long as the process, so the listener goes with this follower.
    deps.closing?.addEventListener('abort', ring, { once: true, signal: leave.signal })
    const fold = await deps.folds.open({ id: runId })
    let shown = await deps.view(runId)
    let isStale = false
    let isOver = false
    const following = follow(runId, { fold, signal, ring, onChange: () => (isStale = true) }).finally(() => {
      isOver = true
      ring()
    })
    const stopOutput = deps.log.output.watch(runId, (text) => {
      for (const reader of readers) reader.put(`event: output\ndata: ${JSON.stringify(forPage(text))}\n\n`)
    })
    let pinged = performance.now()
    let tryAgain = false
    try {
      while (readers.size > 0 && !signal.aborted) {
        const isQueued = shown.waiting !== null && shown.waiting !== undefined
        await wait(tryAgain ? AGAIN_MS : isQueued ? QUEUED_MS : PING_MS)
        await delay(GATHER_MS)
        const place = shown.waiting?.message
        // Taken before the view is read, so that no page gets the last event with a view from before it.
        const { state, curve } = fold
        if (isStale || isQueued) {
          isStale = false
          shown = await deps.view(runId)
        }
        const began = performance.now()
        const all = tryAgain || shown.waiting?.message !== place
        const { drawn, unsent } = await sendParts({ ...shown, state, curve }, fold, {
          readers,
          all,
          drawParts,
        })
        tryAgain = unsent
        if (drawn > 0) pinged = performance.now()
        else if (performance.now() - pinged >= PING_MS - GATHER_MS) {
          pinged = performance.now()
          for (const reader of readers) reader.put(': ping\n\n')
        }
        // If the events ended before the run did, the readers come back and follow it again.
        for (const reader of readers) {
          if (!isOver || reader.after < fold.state.seq) continue
          readers.delete(reader)
          reader.close()
        }
        // A slow machine draws less often.
        if (drawn > 0) await delay(2 * (performance.now() - began))
      }
    } finally {
      stopOutput()
      leave.abort()
      await following
    }
  }

  async function follow(
    runId: string,
    {
      fold,
      signal,
      ring,
      onChange,
    }: {
      readonly fold: RunFold
      readonly signal: AbortSignal
      readonly ring: () => void
      readonly onChange: () => void
    },
  ): Promise<void> {
    try {
      for await (const event of deps.log.follow(runId, { afterSeq: fold.state.seq, signal })) {
        await fold.add(event)
        if (event.type.startsWith('run.')) onChange()
        ring()
        if (isTerminalEvent(event)) return
      }
    } catch (error) {
      if (!signal.aborted)
        deps.reportError(error, { requestId: runId, method: 'GET', path: `/runs/${runId}/live` })
    }
  }

  return {
    open(runId, { after, split, signal }) {
      let reader: LiveReader | undefined
      let room: Room | undefined
      const leave = () => {
        if (reader) room?.readers.delete(reader)
        room?.ring()
      }
      return new ReadableStream<Uint8Array>(
        {
          start(controller) {
            reader = createLiveReader(controller, { after, split })
            reader.put(RETRY)
            room = watched.get(runId) ?? watch(runId)
            room.readers.add(reader)
            room.ring()
            signal.addEventListener('abort', () => {
              leave()
              reader?.close()
            })
          },
          pull: () => room?.ring(),
          cancel: leave,
        },
        // At most one drawing waits for the reader; the next one is made when the reader has taken it.
        { highWaterMark: 2 },
      )
    },
  }
}
