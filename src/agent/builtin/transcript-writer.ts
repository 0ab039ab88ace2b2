import type { Entry, Transcript } from '../../models/transcript.ts'
import type { AgentContext } from '../agent.ts'

/** The transcript of a run as it grows. Nothing that stands in it is ever changed. */
export interface TranscriptWriter {
  readonly transcript: () => Transcript
  /**
   * Adds an entry and persists the whole, so that a restart goes on from there.
   *
   * @param facts.mayHaveChanged true when files may differ since the last entry; default: false.
   */
  readonly append: (entry: Entry, facts?: { readonly mayHaveChanged: boolean }) => Promise<void>
  /** Adds a note of the harness: limits, nudges, what people add. */
  readonly note: (text: string) => Promise<void>
}

export function createTranscriptWriter(
  start: Transcript,
  checkpoint: AgentContext['checkpoint'],
): TranscriptWriter {
  let transcript = start
  const append: TranscriptWriter['append'] = async (entry, facts = { mayHaveChanged: false }) => {
    transcript = { system: transcript.system, entries: [...transcript.entries, entry] }
    await checkpoint(transcript, facts)
  }
  return {
    transcript: () => transcript,
    append,
    note: (text) => append({ role: 'harness', parts: [{ type: 'text', text }] }),
  }
}
