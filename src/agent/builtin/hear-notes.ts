import type { AgentContext, PersonNote } from '../agent.ts'
import { removeInvisible } from '../remove-invisible.ts'
import type { TranscriptWriter } from './transcript-writer.ts'

/** Tells the model what people added since its last turn. All of it is one entry, kept before anybody hears of it. */
export async function hearNotes(
  { takeNotes, emit }: Pick<AgentContext, 'takeNotes' | 'emit'>,
  writer: TranscriptWriter,
): Promise<void> {
  const notes = await takeNotes()
  if (notes.length === 0) return
  await writer.append(
    [{ role: 'user', parts: notes.map((note) => ({ type: 'text', text: noteText(note) })) }],
    { mayHaveChanged: false, taken: notes.map(({ id }) => id) },
  )
  for (const { author, text } of notes) emit({ type: 'agent.note', author, text })
}

function noteText({ author, text }: PersonNote): string {
  return `${author}, who has write access, adds to the request while you work on it:\n\n${removeInvisible(text).trim()}`
}
