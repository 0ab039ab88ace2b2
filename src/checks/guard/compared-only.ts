import { type GuardFinding, type KeptTest, squeezed } from './guarded-change.ts'

/** What an assertion asks, in languages that ask for a condition. */
const ASKS =
  /^\s*(?:self\.)?(?:assert|assert!|assertTrue|Assert\.(?:True|IsTrue)|REQUIRE|CHECK|XCTAssert(?:True)?|assert\.(?:ok|True))\s*[( ]\s*(.{3,300}?)\s*\)?\s*[;,]?\s*$/
/** Goes on, or leaves, if something holds. */
const DECIDES = /^\s*(?:\}\s*)?(?:if|while|until|elif)\b\s*\(?\s*(.{3,300}?)\s*\)?\s*(?:\{|:|then)?\s*$/
const PASSES = /^\s*(?:return|break|continue|pass|next)\b\s*(?:true|True)?\s*;?\s*$/
/** Ends at once, where it fails. */
const GIVES_UP = /\b(?:raise|throw|fail|panic|Fatal\w*|assert\w*)\b/
const BELOW = 3

/** A condition that was asserted and only decides now which way a test goes: the test may try until it holds. */
export function comparedOnly({ file, hunks, removed }: KeptTest): readonly GuardFinding[] {
  const asked = new Set(
    removed.flatMap((line) => {
      const condition = ASKS.exec(line)?.[1]
      return condition === undefined ? [] : [bare(condition)]
    }),
  )
  if (asked.size === 0) return []
  const decides = hunks.some((lines) => {
    const now = lines.filter(({ sign }) => sign !== '-')
    return now.some(({ sign, text }, at) => {
      const condition = sign === '+' ? DECIDES.exec(text)?.[1] : undefined
      if (condition === undefined || !asked.has(bare(condition))) return false
      const next = now.slice(at + 1, at + BELOW)
      return next.some((one) => PASSES.test(one.text)) && !GIVES_UP.test(next[0]?.text ?? '')
    })
  })
  return decides ? [{ text: `\`${file.path}\` only compares what it asserted before`, weight: 'reason' }] : []
}

function bare(condition: string): string {
  return squeezed(condition)
    .replace(/===/g, '==')
    .replace(/^\(|\)$/g, '')
}
