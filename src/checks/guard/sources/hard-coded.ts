import { statementsIn } from '../../weakened-assertions.ts'
import { linesNow } from '../change/around-line.ts'
import {
  type GuardFinding,
  isGenerated,
  type ReadChange,
  type ReadFile,
  textsOf,
  wasGenerated,
} from '../change/guarded-change.ts'

const COMPARED =
  /\b(?:if|elif|case|when|elsif)\b.{0,120}?(?:===?|\beq\b|\.equals\(|\bcase\b|\bwhen\b)\s*(?:"([^"]{4,200})"|'([^']{4,200})'|`([^`]{4,200})`|(\d[\d._]{3,40}))|\bcase\s+(?:"([^"]{4,200})"|'([^']{4,200})')|\bif\b.{0,20}?(?:"([^"]{4,200})"|'([^']{4,200})')\s*===?/
const RETURNED =
  /\breturn\s+(?:"([^"]{3,200})"|'([^']{3,200})'|`([^`]{3,200})`|(-?\d[\d._]{1,40}))\s*;?\s*\}?\s*$/
/** The most lines between a comparison and the value that is returned for it. */
const BELOW = 3
const MOST_PLACES = 200
/** Longer lines, in characters, are generated. */
const LONGEST = 1000
/** The most lines of a test file that are read. */
const MOST_LINES = 5000

/**
 * Reports sources that treat the input of a test specially: they compare with that one value, and answer what
 * an assertion expects for it.
 */
export function hardCoded({ files }: ReadChange): readonly GuardFinding[] {
  const tested = files.flatMap(({ file, isTest, marks, hunks }) => {
    if (!isTest || marks === undefined) return []
    const shown = hunks.flatMap((lines) => lines.flatMap(({ sign, text }) => (sign === '-' ? [] : [text])))
    const whole = file.bytes ? Buffer.from(file.bytes).toString('utf8').split('\n', MOST_LINES) : shown
    return [{ lines: whole.map((line) => line.slice(0, 500)), assertion: marks.assertion }]
  })
  const asserted = tested.flatMap(({ lines, assertion }) =>
    statementsIn(lines, assertion).filter((one) => assertion.test(one)),
  )
  if (asserted.length === 0) return []
  const isAsked = (input: string) => tested.some(({ lines }) => lines.some((line) => line.includes(input)))
  return files
    .filter(({ role, isTest, file }) => role === 'source' && !isTest && file.status !== 'deleted')
    .filter((read) => !(isGenerated(read) && wasGenerated(read.file.before)))
    .filter(
      (read) =>
        refusals(read).some(isAsked) ||
        [
          ...answers(read)
            .filter((answer) => !isOfUnions(answer, read))
            .map((answer) => [answer]),
          ...tables(read),
          ...onFailure(read),
        ].some((all) =>
          all.every(([input, output]) => asserted.some((one) => one.includes(input) && one.includes(output))),
        ),
    )
    .map(({ file }) => ({
      text: `\`${file.path}\` returns what a test expects for one value that the test asks for`,
      weight: 'reason',
    }))
}

/** Pairs of a value that a source compares with and the value that it then returns. */
function answers({ hunks }: ReadFile): readonly (readonly [string, string])[] {
  const found = hunks.flatMap((lines) => {
    const now = linesNow(lines)
    return now.flatMap(({ sign, text }, at) => {
      const isWritten = sign === '+' && text.trim().length < LONGEST
      const input = isWritten ? firstValue(COMPARED.exec(text)) : undefined
      if (input === undefined) return []
      const near = now.slice(at, at + BELOW).find((one) => one.sign === '+' && RETURNED.test(one.text))
      const output = firstValue(RETURNED.exec(near?.text ?? ''))
      return output === undefined || output === input ? [] : [[input, output] as const]
    })
  })
  return found.slice(0, MOST_PLACES)
}

const REFUSED =
  /^\s*(?:\}?\s*)?(?:raise\b|throw\b|panic!?\(|return\s+(?:nil,\s*)?(?:Err\(|fmt\.Errorf|errors\.New))/
/** Matches a text with brackets, operators or several words, which is an input and not a name. */
const AN_INPUT = /\w.{0,200}[^\w.:/@-].{0,200}[^\w.:/@-].{0,200}\w/

/** Whole inputs that a source compares with and refuses on the next line. */
function refusals({ hunks }: ReadFile): readonly string[] {
  const found = hunks.flatMap((lines) => {
    const now = linesNow(lines)
    return now.flatMap(({ sign, text }, at) => {
      const next = now[at + 1]
      if (sign !== '+' || text.trim().length >= LONGEST || next?.sign !== '+') return []
      const input = REFUSED.test(next.text) ? firstValue(COMPARED.exec(text)) : undefined
      return input !== undefined && AN_INPUT.test(input) ? [input] : []
    })
  })
  return found.slice(0, MOST_PLACES)
}

/** True if an existing type lists all of these values, as for the states of a state machine. */
function isOfUnions(values: readonly string[], { file }: ReadFile): boolean {
  if (!file.bytes || !file.before) return false
  const before = Buffer.from(file.before).toString('utf8').split('\n', MOST_LINES)
  const now = Buffer.from(file.bytes).toString('utf8').split('\n', MOST_LINES)
  const unions = now.filter((line) => UNION.test(line.slice(0, LONGEST)))
  // A type that the change adds proves nothing.
  const known = unions.filter((line) => before.some((one) => startOf(one) === startOf(line)))
  return values.every((value) =>
    known.some((line) => line.includes(`"${value}"`) || line.includes(`'${value}'`)),
  )
}

const UNION = /^\s*(?:export\s+)?type\s+\w{1,80}\s*=.{0,300}\|/

function startOf(line: string): string {
  return line.slice(0, line.indexOf('=') + 1)
}

const CATCHES_ALL =
  /^\s*(?:except\s*(?:\(?\s*(?:Base)?Exception\b.{0,40})?:|\}?\s*catch\s*(?:\(\s*(?:\w{1,20}|(?:final\s+)?(?:Exception|Throwable)\s+\w{1,20})\s*\)\s*)?\{|rescue\s*(?:=>\s*\w{1,20}|StandardError)?)\s*$/

/**
 * Numbers of at least two digits that are returned right after a catch of every error. Ordinary fallbacks are
 * smaller.
 */
function onFailure({ hunks }: ReadFile): readonly (readonly (readonly [string, string])[])[] {
  return hunks.flatMap((lines) => {
    const now = linesNow(lines)
    return now.flatMap(({ sign, text }, at) => {
      if (sign !== '+' || !CATCHES_ALL.test(text)) return []
      const output = /^\s*return\s+(\d[\d._]{1,40})\s*;?\s*$/.exec(now[at + 1]?.text ?? '')?.[1]
      return output === undefined ? [] : [[['', output] as const]]
    })
  })
}

const LOOKS_UP = /\b(?:in|has|get|includes|contains\w*|key\?)\b|\[/
/** Matches a look-up in a table with a call for values that the table lacks. */
const FIRST_LOOKS =
  /\b(?:return|=>|=)\s+(\w{2,60})(?:\?\.)?(?:\.get\([^()]{1,60}\)|\[[^\]]{1,60}\])\s*(?:\bor\b|\?\?|\|\||\?:)\s*(?:await\s+)?[\w.]{1,60}\(/
/** Matches a definition by a call that is given no table. */
const CALLED =
  /=\s*(?:await\s+)?(?!(?:new\s+)?(?:\w+\.)?(?:dict|Map|HashMap|OrderedDict|of|ofEntries|freeze)\b)[\w.]{1,80}\(\s*["'\w]/
const PAIR = /["']?([\w./@-]{2,60})["']?\s*(?::|=>|,)\s*["']?([\w./@ -]{2,60})["']?\s*[,})\]]/g
const TEXT_PAIR = /(["'`])((?:[^"'`\\\n]|\\.){2,120})\1\s*(?::|=>|,)\s*(["'`])((?:[^"'`\\\n]|\\.){2,200})\3/g
const INLINE = /\breturn\s+\(?\{.{1,400}\}\)?\s*(?:\.get\(|\[)/
const MOST_PAIRS = 20
const MOST_TABLES = 20

/** The pairs of each small table that a function consults before it does its work. */
function tables({ hunks }: ReadFile): readonly (readonly (readonly [string, string])[])[] {
  return hunks.flatMap((lines) => {
    const added = textsOf(lines, '+')
    const inline = added
      .filter((line) => line.length < LONGEST && INLINE.test(line))
      .slice(0, MOST_TABLES)
      .map((line) =>
        [...line.slice(0, line.lastIndexOf('}') + 1).matchAll(PAIR)].map(
          ([, key = '', value = '']) => [key, value.trim()] as const,
        ),
      )
      .filter((pairs) => pairs.length > 0)
    if (inline.length > 0) return inline
    return namesOfTables(added).flatMap((name) => {
      const defines = new RegExp(`\\b${name}\\b.{0,80}=`)
      const start = added.findIndex((one) => defines.test(one))
      if (start === -1 || CALLED.test(added[start] ?? '')) return []
      const text = added
        .slice(start, start + MOST_PAIRS)
        .join(' ')
        .slice(0, 4000)
      const end = text.indexOf('}')
      const inside = text.slice(0, end === -1 ? undefined : end + 1)
      const plain = [...inside.matchAll(PAIR)].map(([, key = '', value = '']) => [key, value.trim()] as const)
      const texts = [...inside.matchAll(TEXT_PAIR)].map(
        ([, , key = '', , value = '']) => [key, value] as const,
      )
      const found = texts.length > 0 ? texts : plain
      return found.length === 0 || found.length > MOST_PAIRS ? [] : [found]
    })
  })
}

/** The names of tables that a condition looks into and whose entry is returned right after it. */
function namesOfTables(added: readonly string[]): readonly string[] {
  const names = added.flatMap((text, at) => {
    const first = FIRST_LOOKS.exec(text)?.[1]
    if (first !== undefined) return [first]
    const condition = /\bif\b/.test(text) && LOOKS_UP.test(text)
    return condition ? (/\breturn\s+(\w{2,60})\s*[[.]/.exec(`${text} ${added[at + 1] ?? ''}`)?.[1] ?? []) : []
  })
  return [...new Set(names)].slice(0, MOST_TABLES)
}

function firstValue(match: RegExpExecArray | null): string | undefined {
  return match?.slice(1).find((group) => group !== undefined)
}
