import { knownError } from '../../errors.ts'
import type { SubmitRunInput } from '../submit-run.ts'
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
