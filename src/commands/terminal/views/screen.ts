import type { WriteStream } from 'node:tty'
import { cutLine } from './columns.ts'

export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'columns' | 'isTTY'>>

/** Prints lines and, on a terminal, a last line that changes in place. */
export interface Screen {
  /** Whether the last line can change in place. */
  readonly isLive: boolean
  /** Prints whole lines, above the last one. */
  print(text: string): void
  /**
   * Replaces the last line; an empty text removes it. Does nothing if the last line cannot change.
   *
   * @param tail the end of the line, which stays readable when `text` is too long for the terminal.
   */
  status(text: string, tail?: string): void
}

/** @param paint colours the last line; it gets text that fits the terminal. */
export function createScreen(output: Output, paint: (text: string) => string): Screen {
  const isLive = output.isTTY === true && output.columns !== undefined && output.columns > 0
  let shown: readonly [text: string, tail: string] = ['', '']
  function draw(text: string, tail: string): void {
    // A line as wide as the terminal would wrap, and the next update would not erase the wrapped part.
    const width = Math.max(10, (output.columns ?? 80) - 1)
    const line = cutLine(`${cutLine(text, Math.max(8, width - tail.length))}${tail}`, width)
    output.write(`\r\u001b[K${text === '' ? '' : paint(line)}`)
    shown = [text, tail]
  }
  return {
    isLive,
    print(text) {
      if (text === '') return
      const last = shown
      if (last[0] === '') output.write(text)
      else {
        draw('', '')
        output.write(text)
        draw(...last)
      }
    },
    status(text, tail = '') {
      if (isLive && (text !== '' || shown[0] !== '')) draw(text, tail)
    },
  }
}
