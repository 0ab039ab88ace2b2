import { linesNow } from '../change/around-line.ts'
import { type GuardFinding, type KeptTest, squeezed } from '../change/guarded-change.ts'

/** Captures the condition of an assertion. */
const ASKS =
  /^\s*(?:self\.)?(?:assert|assert!|assertTrue|Assert\.(?:True|IsTrue)|REQUIRE|CHECK|XCTAssert(?:True)?|assert\.(?:ok|True))\s*[( ]\s*(.{3,300}?)\s*\)?\s*[;,]?\s*$/
/** Captures the condition of a branch or a loop. */
const DECIDES = /^\s*(?:\}\s*)?(?:if|while|until|elif)\b\s*\(?\s*(.{3,300}?)\s*\)?\s*(?:\{|:|then)?\s*$/
const PASSES = /^\s*(?:return|break|continue|pass|next)\b\s*(?:true|True)?\s*;?\s*$/
/** Matches code that fails the test at once. */
const GIVES_UP = /\b(?:raise|throw|fail|panic|Fatal\w*|assert\w*)\b/
const BELOW = 3

/**
 * Reports a condition that was asserted before and now only selects a branch, so that the test may retry
 * until it holds.
 */
export function comparedOnly({ file, hunks, removed, added }: KeptTest): readonly GuardFinding[] {
  // An assertion that only has another indentation is still asked.
  const asked = askedIn(removed).difference(askedIn(added))
  if (asked.size === 0) return []
  const decides = hunks.some((lines) => {
    const now = linesNow(lines)
    return now.some(({ sign, text }, at) => {
      const condition = sign === '+' ? DECIDES.exec(text)?.[1] : undefined
      if (condition === undefined || !asked.has(bare(condition))) return false
      const next = now.slice(at + 1, at + BELOW)
      return next.some((one) => PASSES.test(one.text)) && !GIVES_UP.test(next[0]?.text ?? '')
    })
  })
  return decides ? [{ text: `\`${file.path}\` only compares what it asserted before`, weight: 'reason' }] : []
}

function askedIn(lines: readonly string[]): ReadonlySet<string> {
  return new Set(
    lines.flatMap((line) => {
      const condition = ASKS.exec(line)?.[1]
      return condition === undefined ? [] : [bare(condition)]
    }),
  )
}

function bare(condition: string): string {
  return squeezed(condition)
    .replace(/===/g, '==')
    .replace(/^\(|\)$/g, '')
}
