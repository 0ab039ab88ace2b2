import type { ToolResultPart } from './transcript.ts'

/** The text of a result, never empty: providers reject empty content. */
export function resultText({ text, status }: ToolResultPart): string {
  if (text.trim() !== '') return text.toWellFormed()
  return status === 'ok' ? '(no output)' : `(${status}, no output)`
}
