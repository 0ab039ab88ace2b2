import { durationText } from '../../../text/amounts.ts'
import { wrapText } from './columns.ts'
import type { Paint } from './paint.ts'

/** Colours and width of lines in the terminal. */
export interface Look {
  readonly paint: Paint
  /** Columns of the terminal; Infinity without a terminal. */
  readonly width: number
}

/** Wraps text to the terminal's width, and indents the lines after the first like the first. */
export function wrapped(
  text: string,
  { paint, width }: Look,
  { first, style }: { readonly first: string; readonly style?: 'dim' | 'yellow' | undefined },
): string {
  return wrapText(text, width - first.length)
    .split('\n')
    .map((line, index) => (line === '' ? '' : (index === 0 ? first : ' '.repeat(first.length)) + line))
    .map((line) => (style && line !== '' ? paint(style, line) : line))
    .join('\n')
}

export function lines(text: string): string[] {
  return text.replace(/\n$/, '').split('\n')
}

/** A duration as text; empty for one that is too short to matter. */
export function took(ms: number): string {
  return ms >= 10 ? durationText(ms) : ''
}

export function withGap(text: string): string {
  return text === '' ? '' : `  ${text}`
}
