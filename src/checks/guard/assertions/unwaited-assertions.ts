import type { TestMarks } from '../../test-marks.ts'
import { linesNow } from '../change/around-line.ts'
import type { GuardedLine, GuardFinding, KeptTest, ReadFile } from '../change/guarded-change.ts'

const WAITS = /^(?:return|await)\s+(?:await\s+)?(.{3,})$/
const COMES_LATER = /\.(?:then|catch|finally)\(|\b(?:expect|assert|request|waitFor)\w*\(/
/** Captures how many assertions a test must reach. */
const PLANNED = /\b(?:expect\.assertions|expect\.hasAssertions|assert\.expect|t\.plan)\(\s*(\d{0,4})/
const REACH = 6
/** Matches a test of .NET that its runner waits for. `VOID` matches one that it cannot wait for. */
const TASK = /\basync\s+(?:System\.Threading\.Tasks\.)?(?:Task|ValueTask)(?=\s+\w)/
const VOID = /\basync\s+void(?=\s+\w)/
/** Matches a call that waits until concurrent work has ended. */
const WAITS_FOR_ALL =
  /^\s*(?:(?:try!?|_\s*=|await)\s+)*(?:self\.)?(?:wait\(for:|waitForExpectations\(|fulfillment\(of:|XCTWaiter|\w{1,40}\.(?:Wait|await|join|Join)\()/
const WAITS_OTHERWISE = /\bawait\b|<-|\.(?:join|Join|get|await|Wait|wait)\(|\bwait\(|\bGet\(|\bXCTWaiter\b/
/** Matches an assertion that polls and is not awaited. */
const POLLS = /^\s*expect\.poll\(/
/** Matches an object that collects failures until `assertAll` is called. */
const COLLECTS = /\bnew\s+(?:JUnit|BDD|Java6)?(?:BDD)?SoftAssertions?\(\)/
const IS_ASKED = /\bassertAll\b/

/**
 * Reports assertions that an existing test no longer waits for or no longer counts, so that it ends before
 * they can fail.
 */
export function unwaitedAssertions({
  file,
  marks,
  hunks,
  added,
  removed,
}: KeptTest): readonly GuardFinding[] {
  const reason = (what: string) => ({ text: `\`${file.path}\` ${what}`, weight: 'reason' }) as const
  const findings: GuardFinding[] = []
  if (
    hunks.some((lines) => waitsNoMore(lines, marks.assertion) || leavesPromise(lines, marks.assertion)) ||
    becomesVoid({ added, removed }) ||
    continuesLater({ added, removed }, marks.assertion) ||
    waitsForAllNoMore({ added, removed, hunks, marks }) ||
    added.some((line) => POLLS.test(line))
  )
    findings.push(reason('no longer waits for what it asserts'))
  if (added.some((line) => COLLECTS.test(line)) && !isAsked({ file, added }))
    findings.push(reason('collects failures and never reports them'))
  const asserts = added.some((line) => marks.assertion.test(line) && !PLANNED.test(line))
  if (hunks.some((lines) => plansFewer(lines, asserts)) && !removed.some((line) => marks.test.test(line)))
    findings.push(reason('no longer asks that its assertions are reached'))
  return findings
}

/** Matches a promise that is not awaited, with a callback. */
const THEN =
  /^\s*(?:void\s+)?(?!return\b|await\b|yield\b)([\w$.]{2,80})\(.{0,200}\)\s*\.(?:then|catch|finally)\(\s*(?:async\s*)?(?:\(?[^)]{0,60}\)?\s*=>|function\b).{0,60}$/

/**
 * True if a call that was awaited now has its assertions in the callback of a promise which the test does not
 * wait for.
 */
function leavesPromise(lines: readonly GuardedLine[], assertion: RegExp): boolean {
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    const called = sign === '+' ? THEN.exec(text)?.[1] : undefined
    if (called === undefined) return false
    const awaited = lines.some(
      (one) =>
        one.sign === '-' &&
        (one.text.includes(`await ${called}(`) || one.text.includes(`await expect(${called}(`)),
    )
    return awaited && now.slice(at, at + REACH).some((one) => one.sign === '+' && assertion.test(one.text))
  })
}

type Edit = Pick<ReadFile, 'added' | 'removed'>

function becomesVoid({ added, removed }: Edit): boolean {
  const before = new Set(
    removed.filter((line) => TASK.test(line)).map((line) => line.replace(TASK, '').trim()),
  )
  return added.some((line) => VOID.test(line) && before.has(line.replace(VOID, '').trim()))
}

/** .NET: true if an assertion that was awaited is now in a continuation. */
function continuesLater({ added, removed }: Edit, assertion: RegExp): boolean {
  return (
    added.some(
      (line) =>
        /^\s*(?!return\b|await\b)\S/.test(line) && /\.ContinueWith\(/.test(line) && assertion.test(line),
    ) && removed.some((line) => /\bawait\b/.test(line) && assertion.test(line))
  )
}

function waitsForAllNoMore({
  added,
  removed,
  hunks,
  marks,
}: Edit & { readonly hunks: ReadFile['hunks']; readonly marks: TestMarks }): boolean {
  if (added.some((line) => WAITS_OTHERWISE.test(line))) return false
  if (!removed.some((line) => WAITS_FOR_ALL.test(line))) return false
  return hunks.some(
    (lines) =>
      lines.some(({ sign, text }) => sign === '-' && WAITS_FOR_ALL.test(text)) &&
      lines.some(({ sign, text }) => sign === ' ' && marks.assertion.test(text)) &&
      !lines.some(({ sign, text }) => sign === '-' && (marks.test.test(text) || marks.assertion.test(text))),
  )
}

function isAsked({ file, added }: Pick<ReadFile, 'file' | 'added'>): boolean {
  return file.bytes
    ? Buffer.from(file.bytes).includes('assertAll')
    : added.some((line) => IS_ASKED.test(line))
}

function waitsNoMore(lines: readonly GuardedLine[], assertion: RegExp): boolean {
  return lines.some(({ sign, text }, at) => {
    const rest = sign === '-' ? WAITS.exec(text.trim())?.[1] : undefined
    if (rest === undefined || !COMES_LATER.test(rest)) return false
    const near = lines.slice(Math.max(0, at - REACH), at + 3 * REACH)
    const now = near.findIndex((one) => one.sign === '+' && one.text.trim() === rest)
    if (now === -1) return false
    const below = near.slice(now, now + REACH).filter((one) => one.sign !== '-')
    return below.some((one) => assertion.test(one.text))
  })
}

function plansFewer(lines: readonly GuardedLine[], asserts: boolean): boolean {
  const plans = (wanted: GuardedLine['sign']) =>
    lines.flatMap(({ sign, text }) => {
      const found = sign === wanted ? PLANNED.exec(text) : null
      return found ? [found[1] ? Number(found[1]) : 1] : []
    })
  const [before, now] = [plans('-'), plans('+')]
  if (before.length === 0) return false
  return now.length === 0 ? !asserts : now.includes(0) && !before.includes(0)
}
