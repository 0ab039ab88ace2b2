import { takesPlaceOfLibrary } from '../../../text/library-names.ts'
import type { TestMarks } from '../../test-marks.ts'
import { linesNow } from '../change/around-line.ts'
import {
  type GuardedLine,
  type GuardFinding,
  indentOf,
  type ReadFile,
  squeezed,
} from '../change/guarded-change.ts'
import { becomeText, withoutQuotedCode } from '../change/quoted-code.ts'
import { testAbove } from '../change/test-above.ts'
import { isSetup } from '../settings/rigged-runner.ts'
import { equalsAll } from '../sources/pretending-sources.ts'
import { asserts, isAlwaysTrue } from './empty-assertions.ts'
import { aliasesIn, comparesWithItself } from './self-comparison.ts'

/** The most lines of a test. */
const LONGEST = 300

/** Matches code that ends the test run as if all tests had passed. */
const ENDS_RUN =
  /\bSystem\.(?:halt|stop)\(\s*0?\s*\)|\bunittest\.main\(.{0,80}\bexit\s*=\s*False|\bprocess\.(?:exit|reallyExit)\(\s*0?\s*\)|\bprocess\.exitCode\s*=\s*0\b|\bDeno\.exit\(\s*0?\s*\)|\bos\._exit\(\s*0?\s*\)|^\s*(?:sys\.exit|exit|quit)\(\s*0?\s*\)|\bpytest\.exit\(|\bos\.Exit\(\s*(?:0\s*\)|\w{1,20}\s*[*&%^])|\bprocess::exit\(\s*0\s*\)|\bSystem\.exit\(\s*0\s*\)|\bRuntime\.getRuntime\(\)\.halt\(|\bEnvironment\.Exit\(\s*0\s*\)|^\s*exit!(?:\s|\(|$)|\bstd::_?(?:quick_)?[eE]xit\(\s*0\s*\)|^\s*_?exit\(\s*(?:0|EXIT_SUCCESS)\s*\)|^\s*(?:\(void\)\s*)?RUN_ALL_TESTS\(\)\s*;/
/** Matches conditions that never hold. */
const SWITCHED_OFF =
  /^\s*(?:if\s*\(?\s*(?:false|0|!1|!true)\s*\)?\s*(?:\{|$|then)|if\s+(?:False|0|not True)\s*:|#\s*if\s+(?:0|false|FALSE)\b|while\s*\(\s*(?:false|0)\s*\)|unless\s+true\b|#\[cfg\((?:any\(\)|not\(test\)|feature\s*=\s*"(?:never|disabled|skip)[^"]{0,40}")\)\]|=begin\s*$|\/\*\s*$)|\bDISABLED_\w|^\s*(?:it|test)\(.{0,200}=>\s*(?:async\s*)?\(\)\s*=>/
/** Matches those of them that are statements of JavaScript: tests of types put code that must not run below one. */
const NEVER = /^\s*if\s*\(\s*false\s*\)\s*\{\s*$/
/** Matches the start of a block comment that is not documentation. */
const OPENS_COMMENT = /^\s*\/\*\s*$|^=begin\s*$/
const SWALLOWS =
  /\bexcept\s*\(?\s*(?:AssertionError|BaseException)\b|\bcatch\s*\(\s*(?:final\s+)?(?:AssertionError|AssertionFailedError|Throwable|AssertionException)\b|\brescue\s+(?:Minitest::Assertion|RSpec::Expectations|Exception)\b|\.catch\(\s*\(\s*\w{0,10}\s*\)\s*=>\s*\{\s*\}\s*\)|\bcatch_unwind\b|^\s*(?:\w{1,40}\s+in\s+)?\[?ExUnit\.AssertionError\]?\s*->|\brecover\(\)/
/** Matches assertions that want something to fail. */
const WANTS_FAILURE =
  /\bEXPECT_(?:NON)?FATAL_FAILURE\(|\btoThrow|\b[tT]hrows\w{0,10}\(|\brejects\b|\braise_error\b|\bassert_?[rR]aises\w{0,10}\b/
/** Matches files of the repository that Python and Ruby load in the place of the test runner. */
const SHADOWS =
  /^(?:src\/|lib\/|tests?\/)?(?:pytest|_pytest|unittest|pluggy|coverage|nose2?|mypy|ruff|flake8|pylint|tox|nox|doctest)(?:\.py|\/(?:__init__|__main__)\.py)$|^lib\/(?:rspec|minitest|test\/unit)(?:\.rb|\/)|(?:^|\/)(?:sitecustomize|usercustomize)\.py$/

/** Reports lines that make tests pass whatever the program does. */
export function riggedTests(read: ReadFile): readonly GuardFinding[] {
  const { file, isTest, added, removed, hunks, marks } = withoutQuotedCode(read)
  const path = `\`${file.path}\``
  const reasons: string[] = []
  const isFresh = file.status !== 'deleted' && file.status !== 'modified'
  if (isFresh && takesPlaceOfLibrary(file.path))
    reasons.push(`${path} is loaded in the place of a library that tests are run with`)
  else if (isFresh && SHADOWS.test(file.path)) reasons.push(`${path} takes the place of the test runner`)
  if (!isTest && !isSetup(file.path)) return reasonsOf(reasons)
  const kept = new Set(removed.map((line) => line.trim()))
  const fresh = added.filter((line) => !kept.has(line.trim()))
  const isExisting = file.status !== 'added'
  if (fresh.some((line) => ENDS_RUN.test(line)))
    reasons.push(`${path} ends the test run as if all had passed`)
  if (!isTest || !marks || !isExisting) return reasonsOf(reasons)
  if (hunks.some((lines) => saysNothing(lines, marks))) reasons.push(`${path} asserts what is always true`)
  if (
    fresh.some((line) => SWITCHED_OFF.test(line) && !OPENS_COMMENT.test(line) && !NEVER.test(line)) ||
    hunks.some((lines) => switchesOff(lines, { kept, marks })) ||
    hunks.some(commentsOut) ||
    becomeText(file, marks.test)
  )
    reasons.push(`${path} has tests behind a condition that never holds, or in a comment`)
  if (hunks.some((lines) => returnsEarly(lines, marks.test)))
    reasons.push(`${path} returns at the start of a test`)
  const rescues = fresh.some(
    (line) => marks.assertion.test(line) && /\srescue\s+(?:nil|true|false)\s*$/.test(line),
  )
  const wraps = wrapsAssertion(fresh, removed, marks.assertion)
  if (rescues || wraps || hunks.some(leavesFinally) || hunks.some(swallows) || hunks.some(swallowsForOthers))
    reasons.push(`${path} catches what a failing assertion throws`)
  return reasonsOf(reasons)
}

/** True if code of before, or an assertion, is below a condition that never holds. */
function switchesOff(
  lines: readonly GuardedLine[],
  { kept, marks }: { readonly kept: ReadonlySet<string>; readonly marks: TestMarks },
): boolean {
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || !NEVER.test(text) || kept.has(text.trim())) return false
    const rest = now.slice(at + 1, at + 1 + LONGEST)
    const end = rest.findIndex((one) => /^\s*\}/.test(one.text) && indentOf(one.text) <= indentOf(text))
    const inside = rest.slice(0, end === -1 ? undefined : end)
    return (
      end === -1 ||
      inside.some(
        (one) =>
          (one.sign === ' ' && one.text.trim() !== '') ||
          (/\w/.test(one.text) && kept.has(one.text.trim())) ||
          marks.assertion.test(one.text) ||
          marks.test.test(one.text),
      )
    )
  })
}

function reasonsOf(texts: readonly string[]): readonly GuardFinding[] {
  return texts.map((text) => ({ text, weight: 'reason' }))
}

/** True if an assertion that always passes replaces a real one, or is the only one of a new test. */
function saysNothing(lines: readonly GuardedLine[], marks: TestMarks): boolean {
  const known = new Set(lines.flatMap(({ sign, text }) => (sign === '-' ? [text.trim()] : [])))
  const loses = lines.some(({ sign, text }) => sign === '-' && marks.assertion.test(text))
  const aliases = aliasesIn(lines, loses)
  if (loses && lines.some(({ sign }, at) => sign === '+' && equalsAll(lines, at))) return true
  const now = linesNow(lines)
  // The test asserted before that a value equals itself, in another form.
  let left = lines.filter(({ sign, text }) => sign === '-' && isOfItself(text)).length
  return now.some(({ sign, text }, at) => {
    if (known.has(text.trim())) return false
    if (sign === '+' && left > 0 && isOfItself(text)) {
      left -= 1
      return false
    }
    const isNothing = sign === '+' && isAlwaysTrue(text)
    const isSelf = marks.assertion.test(text) && comparesWithItself(text, aliases)
    if (!isNothing && !(isSelf && (sign === '+' || aliases.size > 0))) return false
    if (sign === ' ') return loses || removesValue(lines, aliases)
    const start = testAbove(now, at, marks.test)
    if (start === -1 || now[start]?.sign !== '+') return loses
    const rest = now.slice(start + 1, start + LONGEST)
    const length = rest.findIndex((one) => marks.test.test(one.text))
    return !rest.slice(0, length === -1 ? undefined : length).some((one) => asserts(one.text, marks))
  })
}

function isOfItself(text: string): boolean {
  return /\b(\w{1,40})\.(?:equals|eql\?|Equals)\(\s*\1\s*\)/.test(text) || comparesWithItself(text)
}

/** True if a compared name had another value before. */
function removesValue(lines: readonly GuardedLine[], aliases: ReadonlyMap<string, string>): boolean {
  return lines.some(
    ({ sign, text }) => sign === '-' && aliases.has(/^\W*(?:\w+\s+)?(\w+)\s*:?=/.exec(text)?.[1] ?? ''),
  )
}

/** True if an added line opens a block comment in front of a kept line. */
function commentsOut(lines: readonly GuardedLine[]): boolean {
  const now = linesNow(lines)
  return now.some(
    ({ sign, text }, at) => sign === '+' && OPENS_COMMENT.test(text) && now[at + 1]?.sign === ' ',
  )
}

/** True if a bare `return` is added right below the first line of an existing test. */
function returnsEarly(lines: readonly GuardedLine[], test: RegExp): boolean {
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || !/^\s*return;?\s*$/.test(text)) return false
    return now.slice(Math.max(0, at - 2), at).some((one) => one.sign === ' ' && test.test(one.text))
  })
}

/** True if a new function calls its parameter and discards every error. */
function swallowsForOthers(lines: readonly GuardedLine[]): boolean {
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    const parameter =
      sign === '+'
        ? /\b(?:function|def|const|let)\b.{0,80}[(,]\s*(\w{1,40})\s*\)?/.exec(text)?.[1]
        : undefined
    if (parameter === undefined) return false
    // A decorator defines an inner function first.
    const tries = now.slice(at + 1, at + 5).findIndex((one) => /^\s*try\b/.test(one.text))
    if (tries === -1) return false
    const body = now.slice(at + 2 + tries, at + 8 + tries)
    const called = body.slice(0, 2).some((one) => one.text.includes(`${parameter}(`))
    const caught = body.findIndex((one) => /\bcatch\b|\bexcept\b/.test(one.text))
    const inside = body[caught + 1]?.text ?? ''
    const name = /\bas\s+(\w{1,40})|\bcatch\s*\(\s*(\w{1,40})\s*\)/.exec(body[caught]?.text ?? '')
    const failure = name?.[1] ?? name?.[2]
    // A helper may return the error that it caught.
    if (failure !== undefined && new RegExp(`\\breturn\\b.{1,80}\\b${failure}\\b`).test(inside)) return false
    return called && caught !== -1 && /^\s*(?:\/\/|#|\}|pass\b|return\b|continue\b|$)/.test(inside)
  })
}

/** The most assertions, and the most lines that want a failure, of one file. */
const MOST = 200

/** True if an added line wants a whole assertion of before to fail. */
function wrapsAssertion(added: readonly string[], removed: readonly string[], assertion: RegExp): boolean {
  const wanting = added.filter((line) => WANTS_FAILURE.test(line)).slice(0, MOST)
  if (wanting.length === 0) return false
  const before = removed
    .filter((line) => assertion.test(line) && !WANTS_FAILURE.test(line))
    .map(squeezed)
    .filter((one) => one.length > 8 && one.split('(').length === one.split(')').length)
    .slice(0, MOST)
  return wanting.map(squeezed).some((line) => before.some((one) => line !== one && line.includes(one)))
}

/** True if a new `finally` ends a test by a `return`, which discards what was thrown. */
function leavesFinally(lines: readonly GuardedLine[]): boolean {
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || !/^\s*(?:\}\s*)?finally\b/.test(text)) return false
    const below = now.slice(at + 1, at + 6)
    // A `return` deeper inside leaves a function of its own.
    const indent = indentOf(below.find((one) => one.text.trim() !== '')?.text ?? '')
    return below.some(
      (one) => one.sign === '+' && /^\s*return\s*;?\s*$/.test(one.text) && indentOf(one.text) <= indent,
    )
  })
}

/** True if an added line catches failing assertions around kept lines. */
function swallows(lines: readonly GuardedLine[]): boolean {
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || !SWALLOWS.test(text)) return false
    return now.slice(Math.max(0, at - 6), at).some((one) => one.sign === ' ' && /\w/.test(one.text))
  })
}
