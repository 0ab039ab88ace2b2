/** More are not listed. */
const MOST = 20
/** What git writes without being asked for another length. */
const USUAL_LENGTH = 7
const MOST_LENGTH = 200
/** The first marker of a conflict; of one inside of a common ancestor, which has longer ones, git makes up the name. */
const OPENS = /^(<{1,200}) (?:head|Temporary merge branch \d)\r?$/

/**
 * Numbers of the lines that are still conflict markers. A line that one of the sides has is text: a heading underlined with
 * seven signs.
 *
 * @param begun the file as git merged it: `conflict-marker-size` of its attributes decides how long its markers are.
 */
export function markersIn(
  bytes: Uint8Array,
  { begun, sides }: { readonly begun: Uint8Array; readonly sides: readonly Uint8Array[] },
): readonly number[] {
  const lengths = new Set(linesOf(begun).map((line) => OPENS.exec(line)?.[1]?.length ?? USUAL_LENGTH))
  const isMarker = (line: string) => lengths.has(lengthOf(line))
  const own = new Set(sides.flatMap((side) => linesOf(side).filter(isMarker)))
  const found = linesOf(bytes).flatMap((line, index) => (isMarker(line) && !own.has(line) ? [index + 1] : []))
  return found.slice(0, MOST)
}

/** How often a line of markers has its sign; 0 for another line. */
function lengthOf(line: string): number {
  const sign = line.charAt(0)
  if (!'<>|='.includes(sign) || sign === '') return 0
  let length = 1
  while (line.charAt(length) === sign && length <= MOST_LENGTH) length++
  return ['', ' ', '\r'].includes(line.charAt(length)) ? length : 0
}

function linesOf(bytes: Uint8Array): readonly string[] {
  return Buffer.from(bytes).toString('latin1').split('\n')
}
