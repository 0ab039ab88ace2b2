import type { Entry, Transcript } from '../../models/transcript.ts'
import type { AgentContext, CheckpointFacts } from '../agent.ts'

/** The transcript of a run as it grows. Nothing that stands in it is ever changed. */
export interface TranscriptWriter {
  readonly transcript: () => Transcript
  /**
   * Adds an entry and persists the whole, so that a restart goes on from there.
   *
   * @param facts default: no file differs.
   */
  readonly append: (entry: Entry, facts?: CheckpointFacts) => Promise<void>
  /** Adds entries that mean nothing without each other: a restart finds all of them or none. */
  readonly appendAll: (entries: readonly Entry[]) => Promise<void>
  /** Adds a note of the harness: limits, nudges. */
  readonly note: (text: string) => Promise<void>
}

export function createTranscriptWriter(
  start: Transcript,
  checkpoint: AgentContext['checkpoint'],
): TranscriptWriter {
  let transcript = start
  async function add(added: readonly Entry[], facts = { mayHaveChanged: false }): Promise<void> {
    transcript = { system: transcript.system, entries: [...transcript.entries, ...added] }
    await checkpoint(transcript, facts)
  }
  const append: TranscriptWriter['append'] = (entry, facts) => add([entry], facts)
  return {
    transcript: () => transcript,
    append,
    appendAll: (entries) => add(entries),
    note: (text) => append({ role: 'harness', parts: [{ type: 'text', text }] }),
  }
}
