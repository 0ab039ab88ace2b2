/** A line of a hunk: its sign in the diff, and the rest. */
interface SignedLine {
  readonly sign: '+' | '-' | ' '
  readonly text: string
}

/** Matches lines that belong to the next definition: attributes, decorators, documentation comments. */
const IN_FRONT = /^\s*(?:#!?\[|@\w|\[\w[\w.]{0,60}[\](,]|\/\/\/|\/\*\*|\*)/
/** The most attributes of one definition. */
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
    for (let moved = 0; moved < MOST; moved++) {
      const above = now[start - 1]
      const below = now[end]
      if (
        above?.sign !== ' ' ||
        below === undefined ||
        above.text !== below.text ||
        !IN_FRONT.test(below.text)
      )
        break
      now[end] = { sign: ' ', text: below.text }
      now[start - 1] = { sign: last.sign, text: above.text }
      start -= 1
      end -= 1
    }
    end = start
  }
  return now
}
