import type { Duplex } from 'node:stream'

/**
 * Each side gets what the other one sends. A program that reads slowly gets all that the host sent before it hung up: the
 * side inside stays open until the program closes it. When one side breaks, so does the other.
 *
 * @param outside must let its other direction go on when the host ends its own (`allowHalfOpen`).
 */
export function joinStreams(inside: Duplex, outside: Duplex): void {
  if (outside.destroyed) return void inside.end().resume()
  inside.on('close', () => outside.destroy())
  outside.on('close', () => {
    if (outside.readableEnded)
      inside.resume() // No one reads it any more, and without reading its end is not seen.
    else inside.destroy()
  })
  inside.pipe(outside).pipe(inside)
}
