import type { Database } from '../../db/database.ts'

/**
 * Carries what a running command has printed so far from the worker to its viewers. Nothing is stored and a text may be
 * lost: the event at the end of the command has the output that counts.
 */
export interface LiveOutput {
  /**
   * Whether anyone has lately asked to see the output of this run. Workers ask first, because reading the output costs
   * the sandbox time.
   */
  isWatched(runId: string): boolean
  /** Shows the end of the output, masked, at most `MOST_SHOWN` characters; '' when the command is over. */
  show(runId: string, text: string): void
  /**
   * Asks for the output of a run until the returned function is called. Calls `onText` with what is known now, and
   * again whenever it changes.
   */
  watch(runId: string, onText: (text: string) => void): () => void
  close(): Promise<void>
}

const OUTPUT_CHANNEL = 'backspace_output'
const WATCHED_CHANNEL = 'backspace_watched'
/** Most characters of one text. PostgreSQL takes 8,000 bytes in a notification, and a character may have four. */
export const MOST_SHOWN = 1_900
const ASK_EVERY_MS = 4_000
const WATCHED_FOR_MS = 3 * ASK_EVERY_MS

export function createLiveOutput({
  db,
  onError,
}: {
  readonly db: Database
  readonly onError: (error: unknown) => void
}): LiveOutput {
  const watchedUntil = new Map<string, number>()
  /** The runs whose text is being sent, and the text to send next. */
  const sending = new Map<string, { next: string | undefined }>()
  /** The last text of each run that has viewers in this process. */
  const latest = new Map<string, string>()
  const readers = new Map<string, Set<(text: string) => void>>()
  const listening = new Map<string, Promise<(() => Promise<void>) | undefined>>()
  const timers = new Set<NodeJS.Timeout>()

  /** Listens on a channel once. If that fails, the next call tries again. */
  function listen(channel: string, handle: (payload: string) => void): void {
    if (listening.has(channel)) return
    const listens = db.listen(channel, handle).catch((error: unknown) => {
      listening.delete(channel)
      onError(error)
      return undefined
    })
    listening.set(channel, listens)
  }

  function remember(runId: string): void {
    const now = Date.now()
    for (const [known, until] of watchedUntil) if (until < now) watchedUntil.delete(known)
    watchedUntil.set(runId, now + WATCHED_FOR_MS)
  }

  /**
   * Sends one text after the other, since two connections may overtake each other. Only the newest waiting text is
   * sent.
   */
  async function send(runId: string, first: string): Promise<void> {
    const queued: { next: string | undefined } = { next: first }
    sending.set(runId, queued)
    while (queued.next !== undefined) {
      const text = queued.next
      queued.next = undefined
      await db.notify(OUTPUT_CHANNEL, `${runId} ${text.toWellFormed()}`).catch(onError)
    }
    sending.delete(runId)
  }

  function receive(payload: string): void {
    const end = payload.indexOf(' ')
    const [runId, text] = [payload.slice(0, end), payload.slice(end + 1)]
    const ofRun = readers.get(runId)
    if (ofRun === undefined || latest.get(runId) === text) return
    latest.set(runId, text)
    for (const onText of ofRun) onText(text)
  }

  return {
    isWatched(runId) {
      listen(WATCHED_CHANNEL, remember)
      return (watchedUntil.get(runId) ?? 0) > Date.now()
    },
    show(runId, text) {
      const end = text.length <= MOST_SHOWN ? text : text.slice(-MOST_SHOWN).replace(/^[^\n]*\n/, '')
      const queued = sending.get(runId)
      if (queued) queued.next = end
      else void send(runId, end)
    },
    watch(runId, onText) {
      listen(OUTPUT_CHANNEL, receive)
      const ofRun = readers.get(runId) ?? new Set()
      readers.set(runId, ofRun.add(onText))
      const known = latest.get(runId)
      if (known !== undefined) onText(known)
      const ask = () => void db.notify(WATCHED_CHANNEL, runId).catch(onError)
      ask()
      const timer = setInterval(ask, ASK_EVERY_MS).unref()
      timers.add(timer)
      return () => {
        clearInterval(timer)
        timers.delete(timer)
        ofRun.delete(onText)
        if (ofRun.size > 0) return
        readers.delete(runId)
        latest.delete(runId)
      }
    },
    async close() {
      for (const timer of timers) clearInterval(timer)
      for (const listens of listening.values()) await (await listens)?.()
    },
  }
}
