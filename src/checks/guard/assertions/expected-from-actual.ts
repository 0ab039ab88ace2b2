import { linesNow } from '../change/around-line.ts'
import {
  type GuardedLine,
  type GuardFinding,
  type KeptTest,
  withoutBlanks,
} from '../change/guarded-change.ts'
import { testAbove } from '../change/test-above.ts'

const LITERAL =
  /"[^"]{0,200}"|'[^']{0,200}'|`[^`]{0,200}`|\b\d[\d._]*\b|\b(?:true|false|null|None|nil|True|False)\b/g
const CALL =
  /\b(?:await\s+)?(?:[\w$]{1,60}\.){0,3}([A-Za-z_$][\w$]{0,60})\((?:[^()]|\([^()]{0,100}\)){0,200}\)/g
/** Matches an assignment to the expected value of a test or of a case. */
const OVERWRITES =
  /^\s*\w{1,40}(?:\.|\[['":]?)(?:want(?:ed)?|expect(?:ed|ation)?|exp|answer)(?:['"]?\])?\s*=(?!=)/i
/** Matches calls that write a file of expected results. */
const WRITES =
  /\b(?:WriteFile|writeFile(?:Sync)?|write_text|write_bytes|File\.write|file_put_contents)\([^"'`]{0,60}["'`][^"'`]{0,80}(?:golden|testdata|approved|snapshot)/i
const IF_ASKED = /\bif\b.{0,60}\b\w*(?:update|regen|record|overwrite|bless|rewrite)\w*/i
const NAMES =
  /^\s*(?:export\s+)?(?:(?:const|let|var|val|final|auto)\s*)?\$?(\w{1,60})\s*(?::[^=]{1,60})?:?=(?!=)/
const WANTED_NAME = /^(?:want(?:ed)?|expect(?:ed|ation)?s?|exp|answers?|correct|cases|CASES|golden)\w{0,20}$/i
/** Names of common functions, whose calls say nothing about what is tested. */
const OF_LANGUAGE =
  /^(?:expect|assert\w*|to[A-Z]\w*|entries|fromEntries|map|keys|values|from|String|Number|Object|parse|stringify|len|list|set|dict|sorted|str|int|float|join|split|format|deepcopy|copy|new|Date|Array|Map|Set)$/
const MOST_LINES = 500
/** Matches the name of an expected value right in front of that value. */
const WANTED = /\b(?:want(?:ed)?|expect(?:ed|ation)?|exp|answer|correct)\s*:?[:=]$/i

/** Reports expected values of a test that a change takes from the program under test. */
export function expectedFromActual({
  file,
  marks,
  hunks,
  added,
  removed,
}: KeptTest): readonly GuardFinding[] {
  const before = new Set(
    removed.slice(0, MOST_LINES).map((line) => withoutBlanks(line.replace(LITERAL, '0'))),
  )
  const asserted = new Set(
    hunks.flatMap((lines) =>
      lines.flatMap(({ sign, text }) =>
        sign !== '-' && (marks.assertion.test(text) || /^\s*if .{0,300}!=/.test(text))
          ? [...text.matchAll(CALL)].map(([, name = '']) => name)
          : [],
      ),
    ),
  )
  const takes = added.slice(0, MOST_LINES).some((line) => {
    if (marks.assertion.test(line)) return false
    const isExpected = [...line.matchAll(CALL)].some(({ 0: call, 1: name = '', index }) => {
      const [above, below] = [line.slice(0, index).trimEnd(), line.slice(index + call.length).trimStart()]
      return asserted.has(name) && (WANTED.test(above) || (above.endsWith(',') && /^[)\]}]/.test(below)))
    })
    if (!isExpected) return false
    if (OVERWRITES.test(line) && !removed.some((one) => OVERWRITES.test(one))) return true
    const plain = withoutBlanks(
      line.replace(CALL, (call, name: string) => (asserted.has(name) ? '0' : call)).replace(LITERAL, '0'),
    )
    return before.has(plain) && /0/.test(plain)
  })
  return takes ||
    worksOut({ added, removed, hunks, marks }) ||
    comparesWithItself({ added, removed }) ||
    asksTwice({ added, removed, marks }) ||
    hunks.some((lines) => answersItself(lines, marks.assertion)) ||
    hunks.some((lines) => writesExpected(lines, marks.test))
    ? [{ text: `\`${file.path}\` takes what it expects from what it tests`, weight: 'reason' }]
    : []
}

/** Matches a comparison of a value with another part of the same object. */
const WITH_ITSELF =
  /^(.{0,120}?\b([A-Za-z_]\w{1,40})(?:\.|->|\[)[^=!,]{1,120}?(?:[!=]==?\s*|,\s*|\)\.\w{2,30}\(\s*))\2(?:\.|->|\[)/
const BEGINS_LITERAL = /^(?:["'`]|-?\d|true\b|false\b)/

/**
 * True if a value that was compared with a literal is now compared with another part of the program's own
 * result.
 */
function comparesWithItself({ added, removed }: Pick<KeptTest, 'added' | 'removed'>): boolean {
  const before = removed.slice(0, MOST_LINES).map((line) => line.trim())
  return added.slice(0, MOST_LINES).some((line) => {
    const start = WITH_ITSELF.exec(line.trim())?.[1]
    return (
      start !== undefined &&
      before.some((one) => one.startsWith(start) && BEGINS_LITERAL.test(one.slice(start.length)))
    )
  })
}

/** True if an assertion that compared a call with a literal now compares it with another call of the same function. */
function asksTwice({ added, removed, marks }: Pick<KeptTest, 'added' | 'removed' | 'marks'>): boolean {
  const bare = (line: string) => withoutBlanks(line.replace(LITERAL, '0'))
  const asserted = (lines: readonly string[]) =>
    lines.slice(0, MOST_LINES).filter((line) => marks.assertion.test(line))
  const before = new Set(asserted(removed).map(bare))
  if (before.size === 0) return false
  return asserted(added).some((line) => {
    // A text may quote a call.
    const code = line.replace(TEXT, (text) => '"'.padEnd(text.length, '_'))
    const calls = [...code.matchAll(OWN_CALL)].filter(({ 1: name = '' }) => !OF_LANGUAGE.test(name))
    const last = calls.at(-1)
    if (last === undefined || !calls.slice(0, -1).some(({ 1: name }) => name === last[1])) return false
    return before.has(bare(`${line.slice(0, last.index)}0${line.slice(last.index + last[0].length)}`))
  })
}

const TEXT = /"(?:[^"\\]|\\.){0,300}"|'(?:[^'\\]|\\.){0,300}'/g
/** A call whose arguments hold no further calls. */
const OWN_CALL = /\b([A-Za-z_]\w{0,60})\((?:[^()]){0,200}\)/g
/** Captures the expected value of an assertion: its last argument. */
const LAST_ARGUMENT =
  /(?:[(,]\s*)((?:\[[^[\]]{2,200}\]|\{[^{}]{2,200}\}|"[^"]{2,200}"|'[^']{2,200}'|\d[\d_.]{1,30}))\s*\)\s*;?\s*$/

/** True if a variable that a kept assertion compares may now get the expected value without the program. */
function answersItself(lines: readonly GuardedLine[], assertion: RegExp): boolean {
  const results = (wanted: GuardedLine['sign']) =>
    lines
      .flatMap(({ sign, text }) => {
        const name = sign === wanted && HAS_RESULT.test(text) ? NAMES.exec(text)?.[1] : undefined
        return name === undefined ? [] : [{ name, text }]
      })
      .slice(0, MOST_RESULTS)
  const [old, now] = [results('-'), results('+')]
  if (old.length === 0 || now.length === 0) return false
  const kept = lines.filter(({ sign, text }) => sign === ' ' && assertion.test(text))
  return kept.slice(0, MOST_LINES).some(({ text }) => {
    const expected = LAST_ARGUMENT.exec(text)?.[1]
    if (expected === undefined) return false
    const before = old.filter(({ name }) => text.includes(name))
    return (
      before.length > 0 &&
      !before.some((line) => line.text.includes(expected)) &&
      now.some((line) => text.includes(line.name) && line.text.includes(expected))
    )
  })
}

const MOST_RESULTS = 100

/** True if an expected value that was a literal is now computed by the function under test. */
function worksOut({
  added,
  removed,
  hunks,
  marks,
}: Pick<KeptTest, 'added' | 'removed' | 'hunks' | 'marks'>): boolean {
  const written = new Set(
    removed
      .slice(0, MOST_LINES)
      .flatMap((line) =>
        line.match(LITERAL) && callsIn(line).length === 0 ? (NAMES.exec(line)?.[1] ?? []) : [],
      ),
  )
  const fresh = added.slice(0, MOST_LINES).filter((line) => {
    const name = NAMES.exec(line)?.[1] ?? ''
    return written.has(name) && WANTED_NAME.test(name)
  })
  if (fresh.length === 0) return false
  const kept = hunks.flat().filter(({ sign, text }) => sign !== '-' && marks.assertion.test(text))
  const asked = new Set(kept.slice(0, MOST_LINES).flatMap(({ text }) => callsIn(text)))
  const compared = hunks
    .flat()
    .filter(({ sign, text }) => sign !== '-' && (marks.assertion.test(text) || /^\s*if\b/.test(text)))
    .slice(0, MOST_LINES)
  const results = new Set(
    hunks
      .flat()
      .flatMap(({ sign, text }) =>
        sign === '-' || !HAS_RESULT.test(text) ? [] : (NAMES.exec(text)?.[1] ?? []),
      ),
  )
  return fresh.some((line) => {
    if (callsIn(line).some((name) => asked.has(name))) return true
    const expected = NAMES.exec(line)?.[1] ?? ''
    return [...line.matchAll(MEMBER_OF)].some(
      ([, name = '']) =>
        results.has(name) &&
        !WANTED_NAME.test(name) &&
        compared.some(({ text }) => text.includes(name) && text.includes(expected)),
    )
  })
}

/** Matches a variable for the result of a call. */
const HAS_RESULT = /=\s*(?:await\s+)?[\w.:]{1,80}\(/
/** Captures the object of each member. */
const MEMBER_OF = /(?<![\w.])([A-Za-z_]\w{0,60})(?=\.\w|\[)/g

function callsIn(line: string): readonly string[] {
  const names = [...line.matchAll(/\b([A-Za-z_$][\w$]{2,60})\(/g)].map(([, name = '']) => name)
  return names.filter((name) => !OF_LANGUAGE.test(name))
}

/** True if an existing test writes its expected results on every run, not only on request. */
function writesExpected(lines: readonly GuardedLine[], test: RegExp): boolean {
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || !WRITES.test(text) || now[testAbove(now, at, test)]?.sign === '+') return false
    return !now.slice(Math.max(0, at - 4), at + 1).some((one) => IF_ASKED.test(one.text))
  })
}
