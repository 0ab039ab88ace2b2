/** Of a hunk: the sign of the diff, and the rest. */
interface SignedLine {
  readonly sign: '+' | '-' | ' '
  readonly text: string
}

/** In front of what it is about: an attribute, a decorator, a comment of documentation. */
const IN_FRONT = /^\s*(?:#!?\[|@\w|\[\w[\w.]{0,60}[\](,]|\/\/\/|\/\*\*|\*)/
/** Attributes of one definition. */
const MOST = 20

/**
 * A diff may begin with a line that belongs to what follows: the removed lines are then `fn one() { … } #[test]`, below a `#[test]` that
 * stays. Moves such lines up, so that each definition keeps what is in front of it. Linear.
 */
export function slidUp(lines: readonly SignedLine[]): readonly SignedLine[] {
  const now = [...lines]
  for (let end = now.length - 1; end > 0; end--) {
    const last = now[end]
    // The end of lines that only go, or only come.
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
