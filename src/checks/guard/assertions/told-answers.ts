import { linesNow } from '../change/around-line.ts'
import type { GuardedLine, GuardFinding, KeptTest } from '../change/guarded-change.ts'
import { subjectOf } from './mocked-subject.ts'

/** Capture the stand-in and its method that a test sets an answer for. */
const TELLS: readonly RegExp[] = [
  /\bdo(?:Return|Answer)\(.{0,200}\)\.when\(\s*(\w{1,60})\s*\)\.(\w{1,60})\(/,
  /\bwhen\(\s*(\w{1,60})\.(\w{1,60})\(.{0,200}\)\.then(?:Return|Answer)\(/,
  /\b(?:every|coEvery)\s*\{\s*(\w{1,60})\.(\w{1,60})\b.{0,200}\}\s*returns\b/,
  /^\s*(\w{1,60})\s*=\s*(?:mock\.|mocker\.)?(?:Magic|Async|NonCallable)?Mock\(.{0,100}?\b(?!spec\b|name\b|side_effect\b|return_value\b|wraps\b)(\w{1,60})\s*=/,
  /^\s*(\w{1,60})\.(\w{1,60})\.return_value\s*=/,
  /\ballow\(\s*(\w{1,60})\s*\)\.to\s+receive\(\s*:(\w{1,60})/,
  /\b(\w{1,60})\.Setup\(\s*\w{1,20}\s*=>\s*\w{1,20}\.(\w{1,60})\b/,
  /\$(\w{1,60})->(?:expects\(.{0,60}\)->)?method\(\s*['"](\w{1,60})['"]\s*\)->willReturn/,
  /^\s*(?:vi|jest|sinon)\.(?:spyOn|stub)\(\s*(\w{1,60})\s*,\s*['"](\w{1,60})['"]\s*\)\.(?:mock(?:Return|Resolved|Implementation)|returns|resolves)/,
]
/**
 * RSpec: matches a stand-in that is verified against its class. `ANSWERS_ALL` matches one that accepts every
 * call.
 */
const VERIFIED = /\b(?:instance|class|object)_double\(/
const ANSWERS_ALL = /\.as_null_object\b/
/** The most lines between a call and an assertion. */
const REACH = 15
const DOUBLE = /\b(?:Fake|Mock|Stub|Dummy|Noop|Null|InMemory|Spy)_?([A-Z]\w{2,60})/
const MAKES = /\bnew\s+|::new\(|\.new\b|\(|\{/

/**
 * Reports tests that assert the answer which they gave to a stand-in, or that create a stand-in in the place
 * of the object under test.
 */
export function toldAnswers({ file, hunks, marks, added, removed }: KeptTest): readonly GuardFinding[] {
  const loses = removed.some((line) => marks.assertion.test(line)) || removed.some((line) => MAKES.test(line))
  const gives = (lines: readonly string[], pattern: RegExp) => lines.some((line) => pattern.test(line))
  if (gives(added, ANSWERS_ALL) && gives(removed, VERIFIED) && !gives(added, VERIFIED))
    return [{ text: `\`${file.path}\` has a stand-in that answers whatever it is asked`, weight: 'reason' }]
  if (hunks.some((lines) => callsStandIn(lines, marks.assertion)))
    return [{ text: `\`${file.path}\` calls itself what it expects to be called`, weight: 'reason' }]
  const isTold = loses && hunks.some((lines) => asksWhatItTold(lines, marks.assertion))
  if (!isTold && !makesDouble(subjectOf(file.path), { added, removed })) return []
  return [{ text: `\`${file.path}\` asks a stand-in for what it is to test`, weight: 'reason' }]
}

const STAND_IN =
  /\b(\w{1,40})\s*=\s*(?:(?:vi|jest|mock)\.fn|sinon\.(?:spy|stub|fake)|(?:mock\.)?(?:Magic|Async)?Mock)\(/
const ASKS_CALLS = /\btoHaveBeen\w*Called|\bassert_(?:called|awaited|any_call)|\.called\b|\bcallCount\b/

/** True if the test itself calls a stand-in whose calls a kept assertion checks. */
function callsStandIn(lines: readonly GuardedLine[], assertion: RegExp): boolean {
  const now = linesNow(lines)
  const names = new Set(now.flatMap(({ text }) => STAND_IN.exec(text)?.[1] ?? []))
  if (names.size === 0) return false
  return now.some(({ sign, text }, at) => {
    const name = sign === '+' ? /^\s*(?:await\s+)?(\w{1,40})\(.{0,200}\)\s*;?\s*$/.exec(text)?.[1] : undefined
    if (name === undefined || !names.has(name)) return false
    const word = new RegExp(`\\b${name}\\b`)
    return now
      .slice(at + 1, at + 1 + REACH)
      .some(
        (one) =>
          one.sign === ' ' && assertion.test(one.text) && ASKS_CALLS.test(one.text) && word.test(one.text),
      )
  })
}

function asksWhatItTold(lines: readonly GuardedLine[], assertion: RegExp): boolean {
  const known = new Set(lines.flatMap(({ sign, text }) => (sign === '-' ? [text.trim()] : [])))
  const now = linesNow(lines)
  const asksFor = (name: string) =>
    lines.some((one) => one.sign === '-' && assertion.test(one.text) && one.text.includes(name))
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || known.has(text.trim())) return false
    const [, owner = '', name = ''] = TELLS.map((one) => one.exec(text)).find((one) => one !== null) ?? []
    if (owner === '' || name === '') return false
    const asked = new RegExp(`\\b${owner}(?:\\.Object)?(?:\\.|->|::)${name}\\b(?!\\.(?:assert|mock|call|to))`)
    const below = now.slice(at + 1, at + 1 + REACH)
    const isAsked = below.filter((one) => assertion.test(one.text) && asked.test(one.text))
    // A new test may be about stand-ins; an existing one asked the program.
    return isAsked.some((one) => one.sign === ' ' || asksFor(name))
  })
}

/**
 * True if the test creates a stand-in for the class that the file is named after. Stand-ins for other classes
 * are ordinary.
 */
function makesDouble(
  subject: string,
  { added, removed }: { readonly added: readonly string[]; readonly removed: readonly string[] },
): boolean {
  if (subject.length < 3) return false
  const own = new RegExp(`\\b(?:new\\s+)?${subject.replace(/\W/g, '')}\\b\\s*(?:\\(|\\{|::new|\\.new)`, 'i')
  if (!removed.some((line) => own.test(line)) || added.some((line) => own.test(line))) return false
  return added.some(
    (line) => MAKES.test(line) && DOUBLE.exec(line)?.[1]?.toLowerCase() === subject.toLowerCase(),
  )
}
