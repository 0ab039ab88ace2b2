import { strengthOf } from '../../assertion-strength.ts'
import type { TestMarks } from '../../test-marks.ts'
import { linesNow, restOfBlock } from '../change/around-line.ts'
import {
  type GuardedLine,
  type GuardFinding,
  indentOf,
  type KeptTest,
  squeezed,
} from '../change/guarded-change.ts'
import { testAbove } from '../change/test-above.ts'
import { loosensCondition } from './loosened-conditions.ts'

/** The lines of the new file: kept and added ones. */
type Now = readonly GuardedLine[]

/** Matches conditions about where a test runs: in CI, or on a system. */
const ENVIRONMENT =
  /\bprocess\.(?:env|platform)\b|\bimport\.meta\.env\b|\bDeno\.env\b|\bos\.(?:environ|getenv|Getenv|LookupEnv)\b|\bgetenv\(|\bENV(?:\[|\.fetch)|\bSystem\.getenv\b|\benv::var\b|\bGetEnvironmentVariable\b|\$_(?:ENV|SERVER)\b/
/** Matches calls that tell the runner that a test asserted something, or need not. */
const COUNTS = /\baddToAssertionCount\(|\bexpectNotToPerformAssertions\(|\bAssert\.Pass\(/
const DEFINES_IN_PYTHON = /^\s*(?:async\s+)?def\s/
const LEAVES = /\b(?:return|next|continue|break)\b/
const BARE_RETURN = /^\s*(?:return|next|yield)(?:\s+(?:undefined|null|None|nil|true|True))?\s*;?\s*$/
/** Matches lines after which code may still run: those that open a branch or close a block. */
const NO_DEAD_CODE =
  /^\s*(?:[)\]}]|case\b|default\b|else\b|elif\b|end\b|def\b|func\b|rescue\b|except\b|catch\b|ensure\b|finally\b|@|#)/
const OPENS =
  /^\s*(?:\}\s*)?(?:if|unless|try|begin|switch|case|with\s+(?:contextlib\.)?suppress)\b|^\s*with\s.{1,200}<-/
const CATCHES = /\b(?:catch|except|rescue)\b/
const FAILS = /\b(?:throw|raise|fail\w*|reject|done|assert\w*|expect|panic)\b|\.(?:Fatal|Error)\w*\(/
const CAUGHT = /^.*\b(?:catch|except|rescue)\b\s*(?:\([^)]{0,120}\)|[^{:]{0,120}[{:]?)/
/** Matches code that expects an assertion to fail. */
const WANTS_FAILURE =
  /\braises\(\s*(?:AssertionError|Exception|BaseException)\b|\bassertRaises\(\s*(?:AssertionError|Exception)\b|\bassertThrows\(\s*(?:AssertionError|AssertionFailedError|Throwable|Error)\b|\braise_error\(\s*(?:RSpec::Expectations|Minitest::Assertion)|\bsuppress\(\s*(?:AssertionError|Exception|BaseException)\b/
/** Matches the definition of a function, and captures its name. */
const DEFINES =
  /^\s*(?:async\s+)?(?:def|function|fn|func)\s+(\w{1,60})\s*\(|^\s*(?:const|let|var|auto)\s+(\w{1,60})\s*=\s*(?:async\s*)?(?:\(.{0,60}\)\s*=>|function\b|\[.{0,20}\]\s*\(|lambda\b)/
/** The most lines between a condition and what it guards, and between a statement and its `catch`. */
const ABOVE = 3
const BELOW = 15
/** The most lines between a function of a test file and its call. */
const NEAR = 200

/** Reports assertions that remain in an existing test, but that the change lets the test skip. */
export function bypassedAssertions({ file, marks, hunks, removed }: KeptTest): readonly GuardFinding[] {
  const path = `\`${file.path}\``
  const texts: string[] = []
  const before = new Set(removed.filter((line) => marks.assertion.test(line)).map(squeezed))
  const indents = new Map(removed.map((line) => [squeezed(line), indentOf(line)]))
  const now = hunks.map(linesNow)
  if (now.some((lines) => lines.some((_, at) => leavesByEnvironment(lines, at, marks))))
    texts.push(`${path} leaves a test early where an environment says so`)
  if (now.some((lines) => lines.some((_, at) => passesOver(lines, at, marks))))
    texts.push(`${path} passes over cases in front of what it asserts`)
  if (hunks.some(leavesWithout)) texts.push(`${path} leaves a test early where a value is missing`)
  if (now.some((lines) => lines.some((_, at) => isDeadBelow(lines, at, marks))))
    texts.push(`${path} returns before a test is at its end`)
  if (now.some((lines) => lines.some((_, at) => isBehind(lines, at, { before, indents, marks }))))
    texts.push(`${path} asserts only under a condition, or catches what fails`)
  if (/\.go$/.test(file.path) && hunks.some((lines) => loosensCondition(lines, marks)))
    texts.push(`${path} weakens the condition of a failure: more results satisfy it than before`)
  return texts.map((text) => ({ text, weight: 'reason' }))
}

function leavesByEnvironment(lines: Now, at: number, marks: TestMarks): boolean {
  const { sign, text } = lines[at] ?? NONE
  if (sign !== '+' || !/^\s*(?:if|next|return|unless)\b/.test(text)) return false
  const counts = lines.slice(at + 1, at + 3).some((one) => one.sign === '+' && COUNTS.test(one.text))
  if (
    !counts &&
    !ENVIRONMENT.test(text) &&
    !/\bif\s*\(?\s*(?:true|True|1)\s*\)?\s*(?:\{|:|return)/.test(text)
  )
    return false
  const below = lines.slice(at + 1, at + 3).some((one) => one.sign === '+' && BARE_RETURN.test(one.text))
  const isInline = LEAVES.test(text.replace(/^\s*(?=return|next)/, '')) || /^\s*(?:next|return)\b/.test(text)
  return (
    (isInline || below) &&
    !answersValue(text) &&
    isInOldTest(lines, at, marks) &&
    !isInHelper(lines, at, marks)
  )
}

/** True in a function that is no test and that the hunk shows to its end, without an assertion below the line. */
function isInHelper(lines: Now, at: number, { test, assertion }: TestMarks): boolean {
  const start = lines
    .slice(0, at)
    .findLastIndex((one) => HEAD.test(one.text) && indentOf(one.text) < indentOf(lines[at]?.text ?? ''))
  const head = lines[start]?.text ?? ''
  if (
    start === -1 ||
    !HELPER.test(head) ||
    lines.slice(Math.max(0, start - 2), start + 1).some((one) => test.test(one.text))
  )
    return false
  const rest = lines.slice(at + 1)
  const end = rest.findIndex((one) => one.text.trim() !== '' && indentOf(one.text) <= indentOf(head))
  const body = rest.slice(0, end === -1 ? undefined : end)
  return (
    end !== -1 &&
    !body.some((one) => assertion.test(one.text) || /\b(?:fail|raise|throw|yield|check\w*)\b/.test(one.text))
  )
}

/** Matches the head of a function, and of one that has the name of a helper. */
const HEAD = /^\s*(?:async\s+)?(?:def|function|func|fn|fun)\s+\w|=>\s*\{\s*$|\bfunction\s*\(/
const HELPER = /^\s*(?:async\s+)?(?:def|function|func|fn|fun)\s+(?!test|Test|set_?[uU]p|before|after|tear)\w/

/** True for `return` with a text or a number, which helpers do and tests do not. */
function answersValue(text: string): boolean {
  return /\breturn\s+(?:["'`][^"'`]{1,100}["'`]|\d[\d_.]*)\s*;?\s*\}?\s*(?:\/\/.*)?$/.test(text)
}

/** True if an added line continues a loop before a kept assertion about the current case. */
function passesOver(lines: Now, at: number, marks: TestMarks): boolean {
  const { sign, text } = lines[at] ?? NONE
  const next = lines[at + 1]
  if (sign !== '+' || !/^\s*(?:if|next|continue)\b/.test(text)) return false
  const isInline =
    /^\s*(?:if\b.{1,200}[):]\s*continue\s*;?|(?:next|continue)\s+(?:if|unless)\b.{1,200})\s*$/.test(text)
  const isBelow = next?.sign === '+' && /^\s*(?:continue|next|break)\s*;?\s*$/.test(next.text)
  if (!isInline && !isBelow) return false
  const leaves = isBelow && /^\s*break/.test(next.text)
  const held = restOfBlock(lines, at, BELOW - 1).find(
    (one) =>
      one.sign === ' ' &&
      marks.assertion.test(one.text) &&
      (leaves ? /\d/.test(text) : indentOf(one.text) === indentOf(text)),
  )
  return held !== undefined && isInOldTest(lines, at, marks)
}

/** Rust and Swift: true if a test that failed without a value now returns. */
function leavesWithout(lines: readonly GuardedLine[]): boolean {
  const asked = lines.some(({ sign, text }) => sign === '-' && MUST_BE_THERE.test(text))
  return asked && lines.some(({ sign, text }) => sign === '+' && ELSE_RETURNS.test(text))
}

const MUST_BE_THERE = /\.unwrap\w{0,5}\(\)|\.expect\(|\bXCTUnwrap\(|#require\(/
const ELSE_RETURNS =
  /^\s*(?:Err\(_\w{0,20}\)|None|_)\s*=>\s*(?:\{\s*\}|\(\)),?\s*$|^\s*(?:let|guard)\b.{1,200}\belse\s*\{\s*return\s*;?\s*\}/

function isDeadBelow(lines: Now, at: number, marks: TestMarks): boolean {
  const { sign, text } = lines[at] ?? NONE
  if (sign !== '+' || !BARE_RETURN.test(text)) return false
  const below = lines.slice(at + 1, at + BELOW).find((one) => one.text.trim() !== '')
  if (below?.sign !== ' ' || NO_DEAD_CODE.test(below.text)) return false
  return indentOf(below.text) === indentOf(text) && isInOldTest(lines, at, marks)
}

/**
 * True if the line is in a test that the change does not add. A test whose first line is cut off counts as
 * existing.
 */
function isInOldTest(lines: Now, at: number, { test }: TestMarks): boolean {
  const start = lines[testAbove(lines, at, test)]
  // A function that yields is a fixture, not a test.
  if (/^\s*yield\b/.test(lines[at]?.text ?? ''))
    return start?.sign === ' ' && lines[testAbove(lines, at, DEFINES_IN_PYTHON)] === start
  return start?.sign !== '+'
}

function isBehind(
  lines: Now,
  at: number,
  {
    before,
    indents,
    marks,
  }: {
    readonly before: ReadonlySet<string>
    readonly indents: ReadonlyMap<string, number>
    readonly marks: TestMarks
  },
): boolean {
  const { sign, text } = lines[at] ?? NONE
  if (sign !== '+') return false
  const key = squeezed(text)
  if (/^\s*(?:if|unless)\b/.test(text) && marks.assertion.test(text.replace(/^\s*(?:if|unless)\b/, '')))
    return !before.has(key) && [...before].some((one) => one.length > 5 && key.endsWith(one))
  // In Go, `t.Error` belongs below a condition.
  if (GO_FAILS.test(text)) return false
  if (!before.has(key) || indentOf(text) <= (indents.get(key) ?? 0)) return false
  const from = Math.max(0, at - ABOVE)
  if (comesLater(lines.slice(from, at), text)) return true
  if (isInUncalled(lines, at) || wantsFailure(lines.slice(from, at), text)) return true
  const opener = lines.slice(from, at).findLast((one) => one.sign === '+' && OPENS.test(one.text))
  if (opener === undefined || indents.has(squeezed(opener.text)) || indentOf(opener.text) >= indentOf(text))
    return false
  const below = lines.slice(Math.max(0, at - ABOVE), at + BELOW)
  if (!/^\s*(?:\}\s*)?(?:try|begin)\b/.test(opener.text))
    return ENVIRONMENT.test(opener.text) || !hasOtherBranch(below, text, marks)
  const caught = below.findIndex((one) => one.sign === '+' && CATCHES.test(one.text))
  const handled = below
    .slice(caught, caught + 3)
    .map((one, line) => (line === 0 ? one.text.replace(CAUGHT, '') : one.text))
  return caught !== -1 && !handled.some((one) => FAILS.test(one))
}

/** True if the line is in a function that the change adds and that nothing calls. */
function isInUncalled(lines: Now, at: number): boolean {
  const opener = lines
    .slice(Math.max(0, at - BELOW), at)
    .findLast(
      (one) =>
        one.sign === '+' && DEFINES.test(one.text) && indentOf(one.text) < indentOf(lines[at]?.text ?? ''),
    )
  const name = DEFINES.exec(opener?.text ?? '')
    ?.slice(1)
    .find((one) => one !== undefined)
  if (name === undefined || /^test|^Test/.test(name)) return false
  const word = new RegExp(`\\b${name}\\b`)
  const near = lines.slice(Math.max(0, at - NEAR), at + NEAR)
  return near.every((one) => one === opener || !word.test(one.text))
}

const GO_FAILS = /^\s*(?:t|tb)\.(?:Error|Fatal|Fail)\w*\(/
/** Matches calls that run their callback after the test has ended. */
const LATER = /\b(?:setTimeout|setImmediate|queueMicrotask|nextTick)\(/

function comesLater(above: Now, text: string): boolean {
  return above.some(
    (one) =>
      one.sign === '+' &&
      LATER.test(one.text) &&
      !/\bawait\b/.test(one.text) &&
      indentOf(one.text) < indentOf(text),
  )
}

function wantsFailure(above: Now, text: string): boolean {
  return above.some(
    (one) => one.sign === '+' && WANTS_FAILURE.test(one.text) && indentOf(one.text) < indentOf(text),
  )
}

/** True if the other branch of the condition asserts at least as much. */
function hasOtherBranch(lines: Now, text: string, { assertion }: TestMarks): boolean {
  const at = lines.findIndex((one) => one.sign === '+' && /^\s*(?:\}\s*)?else\b|^\s*elif\b/.test(one.text))
  const all = lines.filter(({ sign, text: one }) => sign === '+' && assertion.test(one))
  return at !== -1 && all.filter((one) => strengthOf(one.text) >= strengthOf(text)).length > 1
}

const NONE: GuardedLine = { sign: ' ', text: '' }
