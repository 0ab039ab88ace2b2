import { type GuardedLine, type GuardFinding, type KeptTest, squeezed } from '../change/guarded-change.ts'

const LITERAL =
  /"(?:[^"\\\n]|\\.){2,200}"|'(?:[^'\\\n]|\\.){2,200}'|`[^`\n]{2,200}`|(?<![\w.])-?\d[\d_]*\.?\d+(?![\w.])/g
/** Matches code that sets the clock of a test. */
const CLOCK =
  /\bClock\.fixed\(|\bfreeze_time\(|\btravel_to\b|\bsetSystemTime\(|\bfreezeTime\(|\bTimecop\.(?:freeze|travel)\b|\b(?:Fake|Test|Mock|Mutable)(?:Clock|Time(?:Provider)?)\(|\bsetTestNow\(/
/** The most lines of a hunk that are compared. */
const MOST_LINES = 400
const NEAR = 12

/**
 * Reports inputs of existing tests that a change sets to the very value that an assertion expects, so that
 * the program has nothing to work out.
 */
export function easierInputs({ file, hunks, marks, added: allAdded }: KeptTest): readonly GuardFinding[] {
  const asserts = allAdded.some((line) => marks.assertion.test(line) || marks.test.test(line))
  const isEasier = hunks.some((lines) => {
    const plain = lines.filter(({ text }) => !marks.assertion.test(text) && !marks.test.test(text))
    const removed = plain.filter(({ sign }) => sign === '-').slice(0, MOST_LINES)
    const added = plain.filter(({ sign }) => sign === '+').slice(0, MOST_LINES)
    const old = once(removed)
    if (old.size === 0) return false
    const fresh = once(added)
    return lines.some((line, at) => {
      const before = fresh.get(skeletonOf(line.text)) === line ? old.get(skeletonOf(line.text)) : undefined
      if (before === undefined) return false
      if (CLOCK.test(line.text) && !asserts) return true
      const others = removed.filter((one) => one !== before).map(({ text }) => text)
      return givesExpected(before.text, line.text, { others, assertions: near(lines, at, marks.assertion) })
    })
  })
  return isEasier
    ? [{ text: `\`${file.path}\` asks with an easier input for what it expected before`, weight: 'reason' }]
    : []
}

/** Lines by their text without values. Lines that share such a text are left out. */
function once(lines: readonly GuardedLine[]): ReadonlyMap<string, GuardedLine> {
  const like = Map.groupBy(lines, ({ text }) => skeletonOf(text))
  return new Map([...like].flatMap(([key, [one, ...more]]) => (one && more.length === 0 ? [[key, one]] : [])))
}

/** The kept assertions near a line. */
function near(lines: readonly GuardedLine[], at: number, assertion: RegExp): readonly string[] {
  const around = lines.slice(Math.max(0, at - NEAR), at + NEAR)
  return around.flatMap(({ sign, text }) => (sign === ' ' && assertion.test(text) ? [text] : []))
}

function givesExpected(
  before: string,
  now: string,
  { others, assertions }: { readonly others: readonly string[]; readonly assertions: readonly string[] },
): boolean {
  const [was, is] = [before, now].map(valuesIn)
  const changed = (is ?? []).filter((one, at) => one !== was?.[at])
  const [value, ...more] = changed
  if (value === undefined || more.length > 0 || was?.length !== is?.length) return false
  // A value that only moved here was an input before.
  if (others.some((line) => line.includes(value))) return false
  const other = (was ?? []).find((one, at) => one !== is?.[at]) ?? ''
  return assertions.some((one) => {
    const values = valuesIn(one)
    return values.includes(value) && !values.includes(other)
  })
}

function valuesIn(line: string): readonly string[] {
  return (line.match(LITERAL) ?? []).map((one) => one.replace(/^(["'`])(.*)\1$/, '$2'))
}

function skeletonOf(line: string): string {
  return squeezed(line.replace(LITERAL, '0'))
}
