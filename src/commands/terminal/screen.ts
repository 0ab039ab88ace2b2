import type { WriteStream } from 'node:tty'
import { cutLine } from './columns.ts'

export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'columns' | 'isTTY'>>

/** A place for lines, and on a terminal a last line that changes in place. */
export interface Screen {
  /** Whether the last line can change. */
  readonly isLive: boolean
  /** Prints whole lines, above the last one. */
  print(text: string): void
  /** Replaces the last line; an empty text removes it. Does nothing where it cannot change. */
  status(text: string): void
}

/** @param paint how the last line looks; it gets text that fits. */
export function createScreen(output: Output, paint: (text: string) => string): Screen {
  const isLive = output.isTTY === true && output.columns !== undefined && output.columns > 0
  let shown = ''
  function draw(text: string): void {
    // A line as wide as the terminal would begin a second one, which the next drawing would leave behind.
    const line = text === '' ? '' : paint(cutLine(text, Math.max(10, (output.columns ?? 80) - 1)))
    output.write(`\r\u001b[K${line}`)
    shown = text
  }
  return {
    isLive,
    print(text) {
      if (text === '') return
      if (!isLive || shown === '') output.write(text)
      else {
        const last = shown
        draw('')
        output.write(text)
        draw(last)
      }
    },
    status(text) {
      if (isLive && (text !== '' || shown !== '')) draw(text)
    },
  }
}
