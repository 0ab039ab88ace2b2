import { noteText } from '../../models/note-text.ts'
import type { HumanEntry } from '../../models/transcript.ts'

/**
 * What a person says, as one line of Claude Code's input. While Claude Code works, it puts the text into its next request;
 * afterwards it begins a new turn.
 */
export function userLine(parts: HumanEntry['parts']): string {
  const content = parts.map((part) =>
    part.type === 'text'
      ? { type: 'text', text: part.text }
      : { type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.base64 } },
  )
  // JSON has no line breaks of its own; other characters that end lines for some readers are only data.
  return JSON.stringify({ type: 'user', message: { role: 'user', content } })
}

/** A note of the host. */
export function noteLine(text: string): string {
  return userLine([{ type: 'text', text: noteText(text) }])
}
