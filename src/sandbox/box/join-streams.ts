import type { Duplex } from 'node:stream'

/**
 * Sends each side what the other one sends. A program that reads slowly still gets everything that the host sent before
 * it hung up, since the side inside stays open until the program closes it. When one side breaks, so does the other.
 *
 * @param outside must keep its other direction open when the host ends its own (`allowHalfOpen`).
 */
export function joinStreams(inside: Duplex, outside: Duplex): void {
  if (outside.destroyed) return void inside.end().resume()
  inside.on('close', () => outside.destroy())
  outside.on('close', () => {
    if (outside.readableEnded)
      inside.resume() // No one reads this any more, but without reading it the end would not be seen.
    else inside.destroy()
  })
  inside.pipe(outside).pipe(inside)
}
