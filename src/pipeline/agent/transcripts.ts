import type { Transcript } from '../../models/transcript.ts'
import type { Run } from '../../runs/run.ts'
import type { RunStore } from '../../runs/store/run-store.ts'
import type { Attempt } from '../attempt.ts'

/** The transcripts of one run: its own, and that of the run which it continues. */
export interface Transcripts {
  /** The transcript that an earlier attempt stored; undefined when there is none. */
  readonly own: () => Promise<Transcript | undefined>
  /** @param taken keys of the follow-ups that the new entries hold. */
  readonly save: (transcript: Transcript, taken: readonly string[]) => Promise<void>
  /** @returns undefined when the run continues no other run. */
  readonly parent: () => Promise<ParentRun | undefined>
}

/** What a run knows about the run that it continues. */
export interface ParentRun {
  /** Undefined when no model took part, or when the transcript is no longer stored. */
  readonly transcript: Transcript | undefined
  /** How that run ended, when its transcript does not say. */
  readonly ending: string | undefined
}

const MAX_ENDING = 2000

export function createTranscripts(
  store: Pick<RunStore, 'get' | 'loadTranscript' | 'saveTranscript'>,
  { run, number }: Pick<Attempt, 'run' | 'number'>,
): Transcripts {
  let known = 0

  async function load(runId: string): Promise<Transcript | undefined> {
    const stored = await store.loadTranscript(runId)
    // `save` is the only writer of entries.
    return stored && { system: stored.system, entries: stored.entries as Transcript['entries'] }
  }

  return {
    own: () => load(run.id),
    async save(transcript, taken) {
      await store.saveTranscript(run.id, number, transcript, { taken, known })
      known = transcript.entries.length
    },
    async parent() {
      const { parentRunId, options } = run.request
      const parent = parentRunId === undefined ? undefined : await store.get(parentRunId)
      if (!parent) return undefined
      const kept = await load(parent.id)
      const sameTools = Boolean(parent.request.options.plan) === Boolean(options.plan)
      const transcript = kept && !sameTools ? withoutNative(kept) : kept
      return { transcript, ending: endingText(parent, kept !== undefined) }
    },
  }
}

/** Drops the providers' own reasoning, which they refuse when the tools have changed since. */
function withoutNative({ system, entries }: Transcript): Transcript {
  return {
    system,
    entries: entries.map((entry) => (entry.role === 'assistant' ? { ...entry, native: null } : entry)),
  }
}

function endingText({ ending }: Run, hasTranscript: boolean): string | undefined {
  const inTranscript = hasTranscript && ending?.status === 'succeeded' && ending.outcome !== 'pull_request'
  if (inTranscript || !ending) return undefined
  const message = ending.message.trim().slice(0, MAX_ENDING)
  return ending.pullRequestUrl ? `${message} ${ending.pullRequestUrl}` : message
}
