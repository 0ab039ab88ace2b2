const MARKER = /^(?:<{7}|>{7}|\|{7}|={7})(?: .*)?\r?$/
/** More are not listed. */
const MOST = 20

/**
 * Numbers of the lines that are still conflict markers. A line that one of the sides has is text: a heading underlined with
 * seven signs.
 */
export function markersIn(bytes: Uint8Array, sides: readonly Uint8Array[]): readonly number[] {
  const own = new Set(sides.flatMap((side) => linesOf(side).filter((line) => MARKER.test(line))))
  const found = linesOf(bytes).flatMap((line, index) =>
    MARKER.test(line) && !own.has(line) ? [index + 1] : [],
  )
  return found.slice(0, MOST)
}

function linesOf(bytes: Uint8Array): readonly string[] {
  return Buffer.from(bytes).toString('latin1').split('\n')
}
