import type { RunLog } from '../runs/log/run-log.ts'
import type { NoteStore } from '../runs/notes/note-store.ts'
import { settleNotes } from '../runs/notes/settle-notes.ts'
import { isTerminalEvent } from '../runs/run-event.ts'
import type { SubmitRunInput } from '../runs/submit-run.ts'
import type { Chore } from '../runs/upkeep/chores.ts'

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
