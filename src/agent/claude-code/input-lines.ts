import { noteText } from '../../models/note-text.ts'
import type { HumanEntry } from '../../models/transcript.ts'

/**
 * One line of Claude Code's input with a person's message. While Claude Code works, it adds the message to its next
 * request; otherwise the message begins a new turn.
 */
export function userLine(parts: HumanEntry['parts']): string {
  const content = parts.map((part) =>
    part.type === 'text'
      ? { type: 'text', text: part.text }
      : { type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.base64 } },
  )
  // `JSON.stringify` writes no line breaks. Claude Code takes other line separators, such as U+2028, as data.
  return JSON.stringify({ type: 'user', message: { role: 'user', content } })
}

/** One line of Claude Code's input with a note of the host. */
export function noteLine(text: string): string {
  return userLine([{ type: 'text', text: noteText(text) }])
}
