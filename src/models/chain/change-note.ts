import type { Model } from '../model.ts'
import type { ModelError } from '../model-error.ts'
import type { AssistantEntry, HarnessEntry, Transcript } from '../transcript.ts'

/**
 * The note for a model that goes on where another one stopped; none when the last turn was its own or there was
 * none yet. It stays in the transcript.
 *
 * @param error why the other one is not asked, when that is known.
 */
export function changeNote(
  transcript: Transcript,
  model: Model,
  error: ModelError | undefined,
): HarnessEntry[] {
  const last = transcript.entries.findLast((entry): entry is AssistantEntry => entry.role === 'assistant')
  if (!last) return []
  const before = `${last.origin.provider}:${last.origin.model}`
  if (before === model.name) return []
  const because = error ? `: ${error.userMessage}` : '.'
  const text = `The model changed from ${before} to ${model.name}${because} The working tree contains all edits so far. Go on from there.`
  return [{ role: 'harness', parts: [{ type: 'text', text }] }]
}
