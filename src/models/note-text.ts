/** Marks a note of the harness where it has to be part of a text. The system prompt explains the mark to models. */
export function noteText(text: string): string {
  return `<backspace-note>\n${text}\n</backspace-note>`
}
