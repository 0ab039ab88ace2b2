import type { Entry, Transcript } from '../../models/transcript.ts'

/** The transcript of a run as it grows. Nothing that stands in it is ever changed. */
export interface TranscriptWriter {
  readonly transcript: () => Transcript
  /** Adds an entry and persists the whole, so that a restart goes on from there. */
  readonly append: (entry: Entry) => Promise<void>
  /** Adds a note of the harness: limits, nudges, what people add. */
  readonly note: (text: string) => Promise<void>
}

export function createTranscriptWriter(
  start: Transcript,
  checkpoint: (transcript: Transcript) => Promise<void>,
): TranscriptWriter {
  let transcript = start
  const append = async (entry: Entry) => {
    transcript = { system: transcript.system, entries: [...transcript.entries, entry] }
    await checkpoint(transcript)
  }
  return {
    transcript: () => transcript,
    append,
    note: (text) => append({ role: 'harness', parts: [{ type: 'text', text }] }),
  }
}
