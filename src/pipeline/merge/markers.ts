/** How many lines are listed at most. */
const MOST = 20
/** Git's default length of markers. */
const USUAL_LENGTH = 7
const MOST_LENGTH = 200
/** The first marker of a conflict. For a conflict inside of a common ancestor, git makes up the name after it. */
const OPENS = /^(<{1,200}) (?:head|Temporary merge branch \d)\r?$/

/**
 * Finds the numbers of lines that are still conflict markers. A line that one of the sides has, too, is ordinary text,
 * such as a heading underlined with seven signs.
 *
 * @param begun the file as git merged it, which shows the length of its markers (`conflict-marker-size`).
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

/** The length of a marker; 0 for a line that is none. */
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
