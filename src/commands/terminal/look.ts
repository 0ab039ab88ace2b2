import { durationText } from '../../text/amounts.ts'
import { wrapText } from './columns.ts'
import type { Paint } from './paint.ts'

/** How lines of the terminal look. */
export interface Look {
  readonly paint: Paint
  /** Columns of the terminal; Infinity where there is none. */
  readonly width: number
}

/** Text within the terminal's width; the lines after the first are indented like it. */
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

/** Empty for a time too short to matter. */
export function took(ms: number): string {
  return ms >= 10 ? durationText(ms) : ''
}

export function withGap(text: string): string {
  return text === '' ? '' : `  ${text}`
}
