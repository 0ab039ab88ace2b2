import type { Database } from '../../db/database.ts'

/**
 * What a running command has printed so far, from the worker to those who watch. It is not stored: what counts is the
 * event at the end of the command, and a text may be lost.
 */
export interface LiveOutput {
  /** Whether anyone has asked for the output of a run lately; asking for it costs the sandbox something. */
  isWatched(runId: string): boolean
  /** Shows the end of a masked text, at most a screen full; '' when the command is over. */
  show(runId: string, text: string): void
  /** Asks for the output of a run until the returned function is called; calls `onText` with what is known, and each time that it changes. */
  watch(runId: string, onText: (text: string) => void): () => void
  close(): Promise<void>
}

const OUTPUT_CHANNEL = 'backspace_output'
const WATCHED_CHANNEL = 'backspace_watched'
/** Characters. PostgreSQL takes 8,000 bytes at once, and a character may have four. */
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
  /** Texts of runs on their way, and what follows. */
  const sending = new Map<string, { next: string | undefined }>()
  /** Of runs that have readers here. */
  const latest = new Map<string, string>()
  const readers = new Map<string, Set<(text: string) => void>>()
  const listening = new Map<string, Promise<(() => Promise<void>) | undefined>>()
  const timers = new Set<NodeJS.Timeout>()

  /** Once for each channel; after a failure with the next call again. */
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

  /** One after the other, since two connections may overtake each other; a text that is replaced meanwhile is left out. */
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
