import type { Transcript } from '../models/transcript.ts'
import type { Run } from '../runs/run.ts'
import type { RunStore } from '../runs/store/run-store.ts'

/** What a run has of the run that it goes on from. */
export interface Parent {
  /** Undefined when there is none: no model took part, or it is no longer kept. */
  readonly transcript: Transcript | undefined
  /** How that run ended, where its transcript does not tell. */
  readonly earlier: string | undefined
}

const MAX_ENDING = 2000

/** @returns undefined when the run begins by itself. */
export async function recallParent(
  store: Pick<RunStore, 'get' | 'loadTranscript'>,
  { request }: Pick<Run, 'request'>,
): Promise<Parent | undefined> {
  const parent = request.parentRunId === undefined ? undefined : await store.get(request.parentRunId)
  if (!parent) return undefined
  const kept = await loadTranscript(store, parent.id)
  const sameTools = Boolean(parent.request.options.plan) === Boolean(request.options.plan)
  const transcript = kept && !sameTools ? withoutNative(kept) : kept
  return { transcript, earlier: endingOf(parent, kept !== undefined) }
}

/** As an attempt of the run has kept it. */
export async function loadTranscript(
  store: Pick<RunStore, 'loadTranscript'>,
  runId: string,
): Promise<Transcript | undefined> {
  const stored = await store.loadTranscript(runId)
  // The store keeps entries as they were given to `saveTranscript`, which only `workWithAgent` calls.
  return stored && { system: stored.system, entries: stored.entries as Transcript['entries'] }
}

/** Providers refuse their own reasoning under other tools than those it was made with: it is left behind. */
function withoutNative({ system, entries }: Transcript): Transcript {
  return {
    system,
    entries: entries.map((entry) => (entry.role === 'assistant' ? { ...entry, native: null } : entry)),
  }
}

function endingOf({ status, result }: Run, isKept: boolean): string | undefined {
  const told = isKept && status === 'succeeded' && result?.outcome !== 'pull_request'
  if (told || !result) return undefined
  const { message, pullRequestUrl } = result
  return [message.trim().slice(0, MAX_ENDING), ...(pullRequestUrl ? [pullRequestUrl] : [])].join(' ')
}
