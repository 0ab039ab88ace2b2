/** A line of a hunk: its sign in the diff, and the rest. */
interface SignedLine {
  readonly sign: '+' | '-' | ' '
  readonly text: string
}

/** Matches lines that belong to the next definition: attributes, decorators, documentation comments. */
const IN_FRONT = /^\s*(?:#!?\[|@\w|\[\w[\w.]{0,60}[\](,]|\/\/\/|\/\*\*|\*)/
/** The most lines of attributes of one definition. */
const MOST = 20

/**
 * Moves hunks so that each definition keeps its attributes. A diff may show the removal of `#[test] fn one()
 * { … }` as `fn one() { … } #[test]`, below a `#[test]` that stays. Takes linear time.
 */
export function slidUp(lines: readonly SignedLine[]): readonly SignedLine[] {
  const now = [...lines]
  for (let end = now.length - 1; end > 0; end--) {
    const last = now[end]
    // The end of a run of lines that are only removed, or only added.
    if (last === undefined || last.sign === ' ' || (now[end + 1]?.sign ?? ' ') !== ' ') continue
    let start = end
    while (start > 0 && now[start - 1]?.sign === last.sign) start--
    for (let left = linesInFront(now, start, end); left > 0; left--) {
      const [above, below] = [now[start - 1], now[end]]
      if (above === undefined || below === undefined) break
      now[end] = { sign: ' ', text: below.text }
      now[start - 1] = { sign: last.sign, text: above.text }
      start -= 1
      end -= 1
    }
    end = start
  }
  return now
}

/** How many lines the run from `start` to `end` can move up so that attributes, which may have several lines, move as a whole. */
function linesInFront(lines: readonly SignedLine[], start: number, end: number): number {
  let whole = 0
  for (let moved = 0; moved < MOST && moved <= end - start; moved++) {
    const [above, below] = [lines[start - 1 - moved], lines[end - moved]]
    if (above?.sign !== ' ' || above.text !== below?.text) break
    if (IN_FRONT.test(above.text)) whole = moved + 1
    else if (moved === whole && !/^\s*[)\]]{1,3},?\s*$/.test(above.text)) break
  }
  return whole
}
