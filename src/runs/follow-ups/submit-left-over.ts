import { knownError } from '../../errors.ts'
import type { RunLog } from '../log/run-log.ts'
import { isTerminalEvent } from '../run-event.ts'
import type { SubmitRunInput } from '../submit-run.ts'
import type { Chore } from '../upkeep/chores.ts'
import type { FollowUpStore } from './follow-up-store.ts'

/**
 * Submits the follow-ups that were not read before their run ended, each as a run of its own. Follow-ups to a cancelled
 * run are dropped. It is safe to repeat, and to run in two processes at once, since submitting a follow-up deletes it.
 * A follow-up above a limit waits for the next call.
 *
 * @param runId default: all runs.
 */
export async function submitLeftOver(
  deps: {
    readonly followUps: Pick<FollowUpStore, 'leftOver' | 'drop'>
    readonly submit: (input: SubmitRunInput) => Promise<unknown>
  },
  runId?: string,
): Promise<void> {
  for (const { key, request, stopped } of await deps.followUps.leftOver(runId)) {
    if (stopped) {
      await deps.followUps.drop(key)
      continue
    }
    try {
      await deps.submit({ key, request })
    } catch (error) {
      if (knownError(error)?.code !== 'rate_limited') throw error
    }
  }
}

const SUBMIT_EVERY_MS = 60_000

/** Submits left-over follow-ups: at once when a run ends in this process, and otherwise as a chore. */
export function followUpChores(deps: {
  readonly log: Pick<RunLog, 'onAppend'>
  readonly followUps: FollowUpStore
  readonly submit: (input: SubmitRunInput) => Promise<unknown>
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
}): { readonly chores: readonly Chore[]; close(): Promise<unknown> } {
  const busy = new Set<Promise<void>>()
  const stopListening = deps.log.onAppend((event) => {
    if (!isTerminalEvent(event)) return
    const { runId } = event
    const submitted = submitLeftOver(deps, runId).catch((error: unknown) => deps.onError(error, { runId }))
    busy.add(submitted)
    void submitted.finally(() => busy.delete(submitted))
  })
  return {
    chores: [{ name: 'follow_ups', everyMs: SUBMIT_EVERY_MS, run: () => submitLeftOver(deps) }],
    close() {
      stopListening()
      return Promise.all(busy)
    },
  }
}
