import { inlineCode } from '../../../text/markdown/fenced.ts'
import { subjectsOf } from '../../assertion-strength.ts'
import type { TestMarks } from '../../test-marks.ts'
import {
  type GuardedLine,
  type GuardFinding,
  type ReadChange,
  type ReadFile,
  squeezed,
  textNow,
} from '../change/guarded-change.ts'
import { testAbove } from '../change/test-above.ts'
import { testName } from '../missing/removed-tests.ts'
import { subjectOf } from './mocked-subject.ts'

const LITERAL =
  /"(?:[^"\\]|\\.){0,200}"|'(?:[^'\\]|\\.){0,200}'|`[^`]{0,200}`|(?<![\w.])-?\d[\w.]*|\b(?:true|false|null|None|nil|True|False|undefined)\b/g
/** Captures the name of a class and the name of the class that it extends. */
const EXTENDS = /\bclass\s+(\w{1,60})\s*(?:\(\s*(?:\w{1,40}\.)?(\w{1,60})\s*\)|(?:extends|<|:)\s*(\w{1,60}))/
/** Matches a member of a class. Only the first `BODY` lines of a class are searched. */
const MEMBER =
  /^\s+(?:.{0,80}\b(?:def|function|fun|func|override)\s+\w|.{0,80}\w\([^()]{0,200}\)\s*(?::[^{]{1,60})?\{|\w{1,60}\s*=)/
const BODY = 12
/** Matches the first line of a class without a name: `object : Tax("de") {` of Kotlin, `new Tax("de") {` of Java. */
const IN_PLACE =
  /^(.{0,100}?)\bobject\s*:\s*(.{2,200}?)\s*\{\s*$|^(.{0,100}?\bnew\s+[A-Z]\w{0,60}\(.{0,100}\))\s*\{\s*$/
/** The most assertions of a file that are compared. */
const MOST = 200

interface Swap {
  /** The function that the removed assertion calls. */
  readonly before: string
  readonly now: string
  /** The added assertion. */
  readonly line: string
  /** The name of the test, which the change keeps; empty if it is not shown. */
  readonly title: string
}

/**
 * Reports existing tests that keep their name and test something else: another function of the program, or a
 * subclass that the test defines. Another function is a reason if the test or its file is named after the
 * function that is no longer called, else a note.
 *
 * @param gone names that the change removes from the code.
 */
export function otherSubjects(change: ReadChange, gone: ReadonlySet<string>): readonly GuardFinding[] {
  const sources = change.files.filter(({ isTest, role }) => role === 'source' && !isTest)
  // A function that the change defines may be the old one under a new name.
  const fresh = new Set(sources.flatMap(({ added }) => added.flatMap(namesDefinedIn)))
  return change.files.flatMap((read): readonly GuardFinding[] => {
    const { file, isTest, marks } = read
    if (!isTest || marks === undefined || file.status === 'added' || file.status === 'deleted') return []
    const path = `\`${file.path}\``
    const extending: readonly GuardFinding[] = asksOwnClass(read)
      ? [{ text: `${path} tests a class of its own in the place of one of the program`, weight: 'reason' }]
      : []
    const swaps = read.hunks
      .flatMap((lines) => swapsIn(lines, marks))
      .filter(({ before, now }) => !gone.has(before) && !fresh.has(now))
    const [first] = swaps
    if (first === undefined) return extending
    const isPlain = swaps.some((swap) => isUnasked(swap.before, read) && isNamedAfter(swap, file.path))
    const text = `${path} asks another function under the name of a test of before: ${inlineCode(first.line.trim(), 80)}`
    return [...extending, { text, weight: isPlain ? 'reason' : 'note' }]
  })
}

/**
 * Pairs of a removed and an added assertion that differ only in their values and in the one function that
 * they call.
 */
function swapsIn(lines: readonly GuardedLine[], marks: TestMarks): readonly Swap[] {
  const asserted = (sign: GuardedLine['sign']) =>
    lines
      .flatMap((line, at) => (line.sign === sign && marks.assertion.test(line.text) ? [{ ...line, at }] : []))
      .slice(0, MOST)
      .flatMap(({ text, at }) => {
        const [name, ...more] = subjectsOf(text)
        if (name === undefined || more.length > 0 || !new RegExp(`\\b${RegExp.escape(name)}\\(`).test(text))
          return []
        return [{ text, at, name, shape: shapeOf(text, name) }]
      })
  const old = asserted('-')
  if (old.length === 0) return []
  const byShape = Map.groupBy(asserted('+'), ({ shape }) => shape)
  return old.flatMap(({ name, shape, text, at }) => {
    const same = byShape.get(shape) ?? []
    const [now] = same
    if (now === undefined || same.some((one) => one.name === name) || valuesIn(now.text) === valuesIn(text))
      return []
    const above = testAbove(lines, at, marks.test)
    const head = lines[above]
    if (head?.sign !== ' ') return []
    const title = testName([head.text, ...lines.slice(above + 1, above + 4).map((one) => one.text)], marks)
    return [{ before: name, now: now.name, line: now.text, title: title ?? '' }]
  })
}

function shapeOf(text: string, name: string): string {
  return squeezed(text.replace(LITERAL, '0').replace(new RegExp(`\\b${RegExp.escape(name)}\\(`, 'g'), 'F('))
}

function valuesIn(text: string): string {
  return (text.match(LITERAL) ?? []).join('\n')
}

/** True if the file no longer calls the function. */
function isUnasked(name: string, read: ReadFile): boolean {
  return !new RegExp(`\\b${RegExp.escape(name)}\\(`).test(textNow(read))
}

/**
 * True if the test or its file is named after the function: `sums` after `sum`, `test_parse_user` after
 * `parseUser`.
 */
function isNamedAfter({ before, title }: Swap, path: string): boolean {
  const parts = before.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? []
  const names = [title, subjectOf(path)].map((one) => one.toLowerCase())
  return names.some((one) =>
    parts.every((part) => one.includes(part.slice(0, Math.max(3, part.length - 2)).toLowerCase())),
  )
}

/**
 * True if a test that created an object of the program now creates one of a subclass which the change adds to
 * the test.
 */
function asksOwnClass({ file, added, removed }: ReadFile): boolean {
  const lines = added.slice(0, MOST)
  const classes = lines.flatMap((line, at) => {
    const [, own, base, other] = EXTENDS.exec(line) ?? []
    const name = base ?? other
    if (own === undefined || name === undefined || own === name) return []
    // A class without members behaves like the one that it extends, which may have become abstract.
    const isOther = lines.slice(at + 1, at + 1 + BODY).some((one) => MEMBER.test(one))
    return isOther ? [{ own, name }] : []
  })
  const before = new Set(removed.slice(0, MOST).map(squeezed))
  const subject = subjectOf(file.path)
  const isInPlace = (line: string, at: number) =>
    line.includes(`${subject}(`) && overridesInPlace(line, lines.slice(at + 1, at + 1 + BODY), before)
  // Stand-ins for other classes are ordinary.
  if (lines.some(isInPlace)) return true
  return lines.some((line) =>
    classes.some(({ own, name }) => {
      const makes = new RegExp(`\\b${own}(?=\\s*\\(|\\.new\\b|::new\\b)`, 'g')
      return !EXTENDS.test(line) && makes.test(line) && before.has(squeezed(line.replace(makes, name)))
    }),
  )
}

/** Kotlin and Java: true if an object that was created is now one of a class without a name, which overrides a member. */
function overridesInPlace(line: string, below: readonly string[], before: ReadonlySet<string>): boolean {
  const [, start, created, whole] = IN_PLACE.exec(line) ?? []
  const plain = whole ?? (created === undefined ? undefined : `${start}${created}`)
  return (
    plain !== undefined &&
    before.has(squeezed(plain)) &&
    below.some((one) => /^\s*(?:@Override\b|override\s)/.test(one))
  )
}

function namesDefinedIn(line: string): readonly string[] {
  return [...line.matchAll(/\b([A-Za-z_$][\w$]{1,80})\s*(?:\(|=(?!=)|:)/g)].map(([, name = '']) => name)
}
