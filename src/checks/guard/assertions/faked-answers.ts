import { linesNow } from '../change/around-line.ts'
import { type GuardedLine, type GuardFinding, indentOf, type KeptTest } from '../change/guarded-change.ts'
import { testAbove } from '../change/test-above.ts'

/** Matches code that answers in the place of a server. */
const FAKES =
  /\b(?:globalThis|global|window)\.fetch\s*=(?!=)|\bstubGlobal\(\s*['"]fetch['"]|\.route\(.{1,200}\bfulfill\(|\broute\.fulfill\(|\bnock\(|\bresponses\.add\(|\brequests_mock\.(?:get|post)\(|\bstub_request\(/
const FIXTURE = /\bfixture\b/
const DEFINES = /^\s*(?:async\s+)?def\s+(\w{1,80})\s*\(/
const RETURNS_CALL = /^\s*(?:return|yield)\s+(?:await\s+)?[\w.]{1,100}\(/
const RETURNS_VALUE =
  /^\s*(?:return|yield)\s+(?:-?\d[\w.]{0,30}|f?["'][^"']{0,200}["']|True|False|None|[[{(].{0,300}[\])}])\s*$/
const ABOVE = 30

/**
 * Reports existing tests that now get a value from the change itself, where they asked the program or a
 * server.
 */
export function fakedAnswers({ file, marks, hunks, added, removed }: KeptTest): readonly GuardFinding[] {
  const reason = (what: string) => ({ text: `\`${file.path}\` ${what}`, weight: 'reason' }) as const
  const findings: GuardFinding[] = []
  // Stand-ins that come with new or moved tests are not for existing ones.
  const isForOld = !added.some((line) => marks.test.test(line)) && !removed.some((line) => FAKES.test(line))
  if (isForOld && hunks.some((lines) => answersInOld(lines, marks.test)))
    findings.push(reason('answers for a server in tests of before'))
  if (/\.py$/.test(file.path) && hunks.some(returnsValue))
    findings.push(reason('gives tests a value where it called the program'))
  return findings
}

function answersInOld(lines: readonly GuardedLine[], test: RegExp): boolean {
  const now = linesNow(lines)
  return now.some(
    ({ sign, text }, at) => sign === '+' && FAKES.test(text) && now[testAbove(now, at, test)]?.sign !== '+',
  )
}

/** pytest: true if an existing fixture now returns a fixed value. */
function returnsValue(lines: readonly GuardedLine[]): boolean {
  return lines.some(({ sign, text }, at) => {
    if (sign !== '+' || !RETURNS_VALUE.test(text)) return false
    const above = lines.slice(Math.max(0, at - ABOVE), at)
    const replaces = above
      .slice(-3)
      .some((one) => one.sign === '-' && RETURNS_CALL.test(one.text) && indentOf(one.text) === indentOf(text))
    const start = above.findLastIndex((one) => one.sign !== '-' && DEFINES.test(one.text))
    if (!replaces || above[start]?.sign !== ' ') return false
    return above.slice(Math.max(0, start - 3), start).some((one) => FIXTURE.test(one.text))
  })
}
