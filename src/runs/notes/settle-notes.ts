import { knownError } from '../../errors.ts'
import type { RunLog } from '../log/run-log.ts'
import { isTerminalEvent } from '../run-event.ts'
import type { SubmitRunInput } from '../submit-run.ts'
import type { Chore } from '../upkeep/chores.ts'
import type { NoteStore } from './note-store.ts'

/**
 * Makes runs of their own of the notes that their run ended without: it was past its agent, or failed before it took
 * them. What was added to a run that somebody stopped is stopped with it. Called again, or by two processes at once, it
 * starts each run once: submitting deletes the note. Above a limit a note waits for the next time.
 *
 * @param runId looks at one run only.
 */
export async function settleNotes(
  deps: {
    readonly notes: Pick<NoteStore, 'leftOver' | 'drop'>
    readonly submit: (input: SubmitRunInput) => Promise<unknown>
  },
  runId?: string,
): Promise<void> {
  for (const { key, request, stopped } of await deps.notes.leftOver(runId)) {
    if (stopped) {
      await deps.notes.drop(key)
      continue
    }
    try {
      await deps.submit({ key, request })
    } catch (error) {
      if (knownError(error)?.code !== 'rate_limited') throw error
    }
  }
}

const SETTLE_EVERY_MS = 60_000

/** Sees to the notes that a run ended without: at once when it ends here, else when it is somebody's turn. */
export function noteChores(deps: {
  readonly log: Pick<RunLog, 'onAppend'>
  readonly notes: NoteStore
  readonly submit: (input: SubmitRunInput) => Promise<unknown>
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
}): { readonly chores: readonly Chore[]; close(): Promise<unknown> } {
  const busy = new Set<Promise<void>>()
  const stopListening = deps.log.onAppend((event) => {
    if (!isTerminalEvent(event)) return
    const { runId } = event
    const settled = settleNotes(deps, runId).catch((error: unknown) => deps.onError(error, { runId }))
    busy.add(settled)
    void settled.finally(() => busy.delete(settled))
  })
  return {
    chores: [{ name: 'notes', everyMs: SETTLE_EVERY_MS, run: () => settleNotes(deps) }],
    close() {
      stopListening()
      return Promise.all(busy)
    },
  }
}
