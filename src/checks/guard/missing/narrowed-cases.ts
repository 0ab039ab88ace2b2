import { linesNow } from '../change/around-line.ts'
import {
  type GuardedLine,
  type GuardFinding,
  type KeptTest,
  withoutBlanks,
} from '../change/guarded-change.ts'
import { withoutQuotedCode } from '../change/quoted-code.ts'

/** Matches a loop over cases. */
const LOOP =
  /\bfor(?:each)?\b|\.each\b|\bparametri[sz]e\b|\bforEach\b|\brange\b|\beach(?:_with_index)?\s+do\b/
/** Matches the cases that a function hands to a runner. */
const CASES = /\b(?:Arguments\.(?:of|arguments)|arguments|new TestCaseData|listOf|arrayOf|mapOf)\(/
/** Matches calls and slices that leave cases out. */
const SOME =
  /\.(?:filter|take|drop)\w{0,20}\s*\{[^{}]{0,200}\}|\.(?:slice|filter|take|first|skip|limit|head|splice|Take|Where|Skip|reject|drop|select|First)\((?:[^()]|\([^()]{0,100}\)){0,200}\)|\[\s*-?\d{0,6}\s*:\s*-?\d{0,6}\s*\]|\[\s*-?\d{0,6}\.{2,3}-?\d{0,6}\s*\]/g
const NONE =
  /\[\]\.(?:forEach|map)\(|\b(?:of|in)\s+(?:\[\]|\(\)|\{\})\s*[:){]|\bin\s+range\(0\)|\brange\s+\[\]\w{1,60}\{\}/

/** Captures how many values a property test tries. */
const TRIES =
  /\b(?:max_examples|numRuns|num_runs|max_runs|MaxCount|minSuccessful\w{0,10}|with_cases|cases|iterations|PropertyTesting|trials)\b\W{1,4}(\d{1,7})\b/
/** A number of tries that falls by this factor is more than a saving of time. */
const FEWER = 10

/** Reports existing tests that try fewer of their cases. */
export function narrowedCases(test: KeptTest): readonly GuardFinding[] {
  const { marks } = test
  const { file, added, removed, hunks } = withoutQuotedCode(test)
  const before = new Set(removed.filter((line) => LOOP.test(line) || CASES.test(line)).map(withoutBlanks))
  const tried = (lines: readonly string[]) => new Map(lines.flatMap(triesIn))
  const old = tried(removed)
  const triesLess = [...tried(added)].some(([line, count]) => count * FEWER <= (old.get(line) ?? 0))
  const assumes = hunks.some((lines) => assumesResult(lines, marks))
  const narrows =
    assumes ||
    losesParameter({ added, removed }) ||
    triesLess ||
    triesOnce({ added, removed }) ||
    empties({ added, removed, hunks }) ||
    hunks.some((lines) => keepsWhatPasses(lines, { file, marks })) ||
    shortens({ added, removed, file }) ||
    added.some((line) => {
      if (
        !(LOOP.test(line) || CASES.test(line)) ||
        marks.assertion.test(line) ||
        before.has(withoutBlanks(line))
      )
        return false
      if (NONE.test(line)) return before.size > 0
      const whole = line.replace(SOME, '')
      return whole !== line && before.has(withoutBlanks(whole))
    })
  return narrows ? [{ text: `\`${file.path}\` tries fewer cases than before`, weight: 'reason' }] : []
}

/** Matches a property test that tries hardly any value. */
const TRIES_ONCE =
  /\bphases\s*=\s*[[(]\s*[\])]|\b(?:max_examples|numRuns|num_runs|max_runs|with_cases|MaxCount)\b\W{1,4}[012]\b/

function triesOnce({ added, removed }: Pick<KeptTest, 'added' | 'removed'>): boolean {
  return added.some((line) => TRIES_ONCE.test(line)) && !removed.some((line) => TRIES_ONCE.test(line))
}

/** Capture the classes of a suite, and the values for which pytest runs all tests of a fixture. */
const PARAMS =
  /@(?:SelectClasses|(?:Suite\.)?SuiteClasses)\(\s*\{([^}]{1,500})\}|\bparams\s*=\s*[[(]([^\])]{1,500})[\])]/

/** True if a fixture no longer has one of its values, and gets no other. */
function losesParameter({ added, removed }: Pick<KeptTest, 'added' | 'removed'>): boolean {
  const values = (lines: readonly string[]) =>
    lines
      .flatMap((line) => PARAMS.exec(line)?.slice(1).join('').split(',') ?? [])
      .map((one) => one.trim())
      .filter((one) => one !== '')
  const [old, now] = [values(removed), new Set(values(added))]
  return now.size > 0 && now.size < new Set(old).size && now.isSubsetOf(new Set(old))
}

/** Captures what a property test asks of the values that it tries. */
const ASSUMES = /^\s*(?:hypothesis\.)?(?:assume|prop_assume!|fc\.pre)\s*\((.{1,300})\)\s*[;,]?\s*$/

/** The same, for what a generator leaves out. */
const FILTERS =
  /\b(?:fc|st|gen|any|prop\w*|forall|forAll|Arb\w*|Gen)\b.{0,200}\.(?:filter|prop_filter|suchThat|Where)\(\s*(?:lambda\s+\w+:|\(?\w+\)?\s*[=-]>|\|&?\w+\|)(.{1,300})/

/** True if a property test is now tried only with values for which the program under test answers in a certain way. */
function assumesResult(lines: readonly GuardedLine[], { assertion }: KeptTest['marks']): boolean {
  const now = linesNow(lines)
  const asked = new Set(now.filter(({ text }) => assertion.test(text)).flatMap(({ text }) => callsIn(text)))
  return now.some(({ sign, text }) => {
    const condition = sign === '+' ? (ASSUMES.exec(text) ?? FILTERS.exec(text))?.[1] : undefined
    return condition !== undefined && callsIn(condition).some((name) => asked.has(name))
  })
}

function callsIn(text: string): readonly string[] {
  return [...text.matchAll(CALLS)]
    .map(([, name = '']) => name)
    .filter((name) => !/^(?:len|str|int|abs|assert\w*)$/.test(name))
}

const DEFINES =
  /^\s*(?:export\s+)?(?:const\s+|let\s+|var\s+|val\s+|final\s+)?\$?(\w{2,60})\s*(?::[^=]{1,60})?:?=\s/
const MOST_LINES = 20_000
const SOME_ONCE = new RegExp(SOME.source)

/** The most lists of one file; people define fewer. */
const MOST_LISTS = 20

/** True if a list that a loop uses is defined as before, but with entries left out. */
function shortens({ added, removed, file }: Pick<KeptTest, 'added' | 'removed' | 'file'>): boolean {
  const shorter = added
    .filter((line) => DEFINES.test(line) && line.replace(SOME, '') !== line)
    .slice(0, MOST_LISTS)
  if (shorter.length === 0) return false
  const before = new Set(removed.map(withoutBlanks))
  const names = shorter.flatMap((line) =>
    before.has(withoutBlanks(line.replace(SOME, ''))) ? (DEFINES.exec(line)?.[1] ?? []) : [],
  )
  if (names.length === 0) return false
  const now = file.bytes ? Buffer.from(file.bytes).toString('utf8').split('\n', MOST_LINES) : []
  const loops = now.filter((line) => LOOP.test(line) && !(DEFINES.test(line) && SOME_ONCE.test(line)))
  return names.some((name) => {
    const goesThrough = new RegExp(`\\b${name}\\b`)
    return loops.some((line) => goesThrough.test(line))
  })
}

const EMPTY =
  /^\s*(?:(?:const|let|var|val|auto|static|final)\s+)?(\w{2,60})\s*(?::[^=]{1,60})?:?=\s*(?:\[\]|\(\)|\{\}|new (?:Map|Set)\(\)|\[\]\S{1,40}\{\})\s*;?\s*$/

const FILLED =
  /^\s*(?:(?:const|let|var|val|auto|static|final)\s+)?(\w{2,60})\s*(?::[^=]{1,60})?:?=\s*\S{0,40}[[({]/

/** True if an existing list that an existing loop uses is now empty. */
function empties({ added, removed, hunks }: Pick<KeptTest, 'added' | 'removed' | 'hunks'>): boolean {
  const names = added.flatMap((line) => EMPTY.exec(line)?.[1] ?? [])
  return names.some((name) => {
    const word = new RegExp(`\\b${name}\\b`)
    if (!removed.some((line) => FILLED.exec(line)?.[1] === name && !EMPTY.test(line))) return false
    return hunks.some((lines) =>
      lines.some(({ sign, text }) => sign === ' ' && LOOP.test(text) && word.test(text)),
    )
  })
}

function triesIn(line: string): readonly (readonly [string, number])[] {
  const count = TRIES.exec(line)?.[1]
  return count === undefined ? [] : [[withoutBlanks(line.replace(count, '0')), Number(count)]]
}

/** Matches a line that provides one case. */
const GIVES = /^\s*(?:yield\b|\$?\w{1,40}(?:\.(?:push|append|add)\(|\[\]\s*=|\s*<<))/
const CALLS = /\b([A-Za-z_]\w{1,60})\(/g

/** True if existing cases are now provided only if the program already gives the expected result. */
function keepsWhatPasses(
  lines: readonly GuardedLine[],
  { file, marks }: Pick<KeptTest, 'file' | 'marks'>,
): boolean {
  const before = new Set(
    lines.flatMap(({ sign, text }) => (sign !== '+' && GIVES.test(text) ? [text.trim()] : [])),
  )
  if (before.size === 0) return false
  const now = linesNow(lines)
  const names = now.flatMap(({ sign, text }, at) => {
    const given = now[at + 1]?.text.trim() ?? ''
    const decides = sign === '+' && /^\s*if\b.{0,300}[=!]==?/.test(text) && before.has(given)
    return decides ? [...text.matchAll(CALLS)].map(([, name = '']) => name) : []
  })
  if (names.length === 0) return false
  const whole = file.bytes ? Buffer.from(file.bytes).toString('utf8').split('\n', MOST_LINES) : []
  const asserted = whole.filter((line) => marks.assertion.test(line))
  return names.some((name) => asserted.some((line) => line.includes(`${name}(`)))
}
