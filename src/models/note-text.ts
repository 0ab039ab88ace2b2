/** A note of the harness where only text can say so; the system prompt tells models what the marks mean. */
export function noteText(text: string): string {
  return `<backspace-note>\n${text}\n</backspace-note>`
}
