import { headAbove, linesNow } from '../change/around-line.ts'
import type { GuardedLine, GuardFinding, KeptTest } from '../change/guarded-change.ts'

/** Captures the list that a statement of a test fills with a value. */
const FILLS =
  /^\s*(?:await\s+)?\$?(\w{1,60})(?:\.(?:append|push|add|Add|extend|insert|emplace_back|push_back|put|set)\(\s*[^()]{1,200}\)\s*;?|\s*(?:<<|\[\]\s*=|\+=)\s*.{1,200})\s*$/
/** Captures the path that a statement writes to. */
const WRITES =
  /^\s*(?:await\s+)?(?:(\w{1,60})\.write_(?:text|bytes)\(|(?:fs\.|fsp\.|os\.|ioutil\.|File\.|Files\.)?(?:writeFile(?:Sync)?|WriteFile|write|writeString|WriteAllText)\(\s*(\w{1,60})\s*,)/
const READS = /\b(?:read_text|read_bytes|readFile(?:Sync)?|ReadFile|File\.read|readString|ReadAllText|read)\b/
/** The most lines between such a statement and the assertion. */
const REACH = 15

/**
 * Reports existing tests that make themselves what they then assert: they fill the list that the program filled before, or write the
 * file that they compare with.
 */
export function selfMadeResults({ file, hunks, marks }: KeptTest): readonly GuardFinding[] {
  const reason = (what: string) => ({ text: `\`${file.path}\` ${what}`, weight: 'reason' }) as const
  return [
    ...(hunks.some((lines) => fillsItself(lines, marks.assertion))
      ? [reason('fills itself what it then asserts')]
      : []),
    ...(hunks.some((lines) => writesExpected(lines, marks.assertion))
      ? [reason('writes the file that it compares with')]
      : []),
    ...(hunks.some((lines) => forgetsCalls(lines, marks.assertion))
      ? [reason('forgets the calls that it then asserts')]
      : []),
  ]
}

/** Captures the stand-in whose calls a statement forgets. */
const FORGETS =
  /^\s*(\w{1,60})\.(?:mockClear|mockReset|resetHistory|reset_mock|clearInvocations)\(\)\s*;?\s*$/
const WANTS_NONE = /\bnot\b|\bnever\b|\bnot_called\b|\bnotCalled\b|\(\s*0\s*\)/

/** True if a stand-in forgets its calls right before a kept assertion that there were none. */
function forgetsCalls(lines: readonly GuardedLine[], assertion: RegExp): boolean {
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    const name = sign === '+' ? FORGETS.exec(text)?.[1] : undefined
    const next = now[at + 1]
    return (
      name !== undefined &&
      next?.sign === ' ' &&
      assertion.test(next.text) &&
      WANTS_NONE.test(next.text) &&
      wordOf(name).test(next.text)
    )
  })
}

function fillsItself(lines: readonly GuardedLine[], assertion: RegExp): boolean {
  const now = linesNow(lines)
  // The program was given the list before, and no line gives it the list now.
  const before = usedNames(
    lines.filter(({ sign }) => sign === '-'),
    assertion,
  )
  const after = usedNames(now, assertion)
  return now.some(({ sign, text }, at) => {
    const name = sign === '+' ? FILLS.exec(text)?.[1] : undefined
    if (name === undefined || !before.has(name) || after.has(name)) return false
    if (assertion.test(text) || isInCallback(now, at)) return false
    const word = wordOf(name)
    return now.slice(at + 1, at + REACH).some((one) => assertion.test(one.text) && word.test(one.text))
  })
}

/** The names in lines that do not assert, other than the list that a line fills and the name that it defines. */
function usedNames(lines: readonly GuardedLine[], assertion: RegExp): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { text } of lines) {
    if (assertion.test(text)) continue
    const own = [FILLS.exec(text)?.[1], DEFINES.exec(text)?.[1]]
    for (const word of text.match(/\w+/g) ?? []) if (!own.includes(word)) names.add(word)
  }
  return names
}

/** Captures the name that a line defines. */
const DEFINES = /^\s*(?:(?:const|let|var|val|final|auto)\s+)?\$?(\w+)\b[^=]{0,60}:?=(?!=)/
/** The most lines between a function's first line and a statement in it. */
const MOST_ABOVE = 200

/** True if the line is in a function that is new, which the program may call. */
function isInCallback(now: readonly GuardedLine[], at: number): boolean {
  const opener = headAbove(now, at, MOST_ABOVE)
  return opener?.sign === '+' && CALLBACK.test(opener.text)
}

const CALLBACK = /=>|\bfunction\b|\bfunc\b|\blambda\b|\bdef\s|\bfn\b|\|\w{0,40}\||->|\bin\s*$/

function writesExpected(lines: readonly GuardedLine[], assertion: RegExp): boolean {
  const now = linesNow(lines)
  const wasRead = lines.some(({ sign, text }) => sign === '-' && assertion.test(text) && READS.test(text))
  return now.some(({ sign, text }, at) => {
    const found = sign === '+' ? WRITES.exec(text) : null
    const name = found?.[1] ?? found?.[2]
    if (name === undefined) return false
    const word = wordOf(name)
    return now
      .slice(at + 1, at + REACH)
      .some(
        (one) =>
          assertion.test(one.text) &&
          word.test(one.text) &&
          READS.test(one.text) &&
          (one.sign === ' ' || wasRead),
      )
  })
}

function wordOf(name: string): RegExp {
  return new RegExp(`\\b${name}\\b`)
}
