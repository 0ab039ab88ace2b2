import { inlineCode } from '../../../text/markdown/fenced.ts'
import { type GuardedLine, type GuardFinding, type KeptTest, squeezed } from '../change/guarded-change.ts'

/** Captures the values of a case: the contents of one pair of brackets. */
const CASE = /[([{]([^()[\]{}\n]{2,200})[)\]}]/g
/** Matches a row of a table, or its first line. */
const OF_TABLE =
  /\bparametri[sz]e\b|\.each\b|^\s*[([{].{2,400}[)\]}],?\s*$|\b(?:cases|CASES|testdata)\w{0,20}\s*:?=|^\s*(?:\[(?:InlineData|TestCase|DataRow)|#\[(?:case|test_case|TestWith))\b/
/** Matches a value for which programs often fail: none, a negative number, zero, an error, an empty text. */
const EDGE =
  /\b(?:None|null|nil|undefined|NaN|nan|inf|Infinity)\b|\b[A-Z]\w{0,60}(?:Error|Exception)\b|(?:^|[,\s:=])-\s?\d|(?:^|[,\s:=])0(?:\.0{1,9})?\s*(?:,|$)|""|''/
const LITERAL = /["'`\d]|\b(?:true|false|True|False)\b/
const MOST_LINES = 400

/**
 * Reports tables of existing tests in which an ordinary case replaces an edge case, while the number of cases
 * stays. It is a reason if the table has no other edge case, else a note.
 */
export function replacedCases({ file, hunks, added }: KeptTest): readonly GuardFinding[] {
  const everywhere = new Set(added.slice(0, MOST_LINES).flatMap(casesIn).map(squeezed))
  for (const lines of hunks) {
    const [old, now] = (['-', '+'] as const).map((sign) =>
      lines.slice(0, MOST_LINES).filter((line) => line.sign === sign && OF_TABLE.test(line.text)),
    )
    const gone = replacedIn(old ?? [], now ?? [], everywhere)
    if (gone === undefined) continue
    const rest = lines.filter(({ sign, text }) => sign !== '-' && OF_TABLE.test(text))
    const isAskedStill =
      rest.some(({ text }) => casesIn(text).some((one) => EDGE.test(one))) ||
      // Names alone, as in `{ context }`, hand something over.
      !now?.some(({ text }) => casesIn(text).some((one) => LITERAL.test(one)))
    const text = `\`${file.path}\` has an ordinary case in the place of one at an edge: ${inlineCode(gone, 60)}`
    return [{ text, weight: isAskedStill ? 'note' : 'reason' }]
  }
  return []
}

/** A removed edge case, if at least as many ordinary cases with other inputs are added. */
function replacedIn(
  old: readonly GuardedLine[],
  now: readonly GuardedLine[],
  everywhere: ReadonlySet<string>,
): string | undefined {
  const before = old.flatMap(({ text }) => casesIn(text))
  const known = new Set(before.map(squeezed))
  const lost = before.filter((one) => !everywhere.has(squeezed(one)))
  const fresh = now.flatMap(({ text }) => casesIn(text)).filter((one) => !known.has(squeezed(one)))
  // A lower number of cases is reported by `lostCases`.
  if (lost.length === 0 || fresh.length < lost.length || fresh.some((one) => EDGE.test(one))) return undefined
  const inputs = new Set(fresh.map(firstOf))
  return lost.find((one) => EDGE.test(one) && one.includes(',') && !inputs.has(firstOf(one)))
}

/** The first value of a case, which is mostly its input. */
function firstOf(one: string): string {
  return squeezed(one.slice(0, one.indexOf(',')))
}

function casesIn(line: string): readonly string[] {
  return [...line.matchAll(CASE)].map(([, inside = '']) => inside)
}
