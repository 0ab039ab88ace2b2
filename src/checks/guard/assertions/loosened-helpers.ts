import { widensTolerance } from '../../accepts-more.ts'
import { readAssertion } from '../../read-assertion.ts'
import { type GuardFinding, type KeptTest, squeezed } from '../change/guarded-change.ts'

/** Matches an argument that leaves a part of the values out of a comparison. */
const IGNORES =
  /,?\s*\.?(?:[\w]{1,40}\.){0,3}\w{0,30}[iI]gnor(?:e|ing)(?!Case)\w{0,60}\((?:[^()]|\([^()]{0,100}\)){0,300}\)/g
const EXCLUDES =
  /,?\s*(\w{1,20})\s*=>\s*\1(?:\s*\.(?:Excluding|Without|Exclude)\w{0,20}\((?:[^()]|\([^()]{0,100}\)){0,200}\)){1,20}/g
const CALLS = /[iI]gnor(?:e|ing)\w{0,60}\(|\.(?:Excluding|Without|Exclude)\w{0,20}\(/
const MOST_LINES = 300
const COMPARES = /[=!]==?/
const OF_TYPE = /\.(?:class|constructor|getClass\(\)|GetType\(\))|\btypeof\b|\btype\(/

/**
 * Reports lines of tests and their helpers that compare less strictly than before, with a larger tolerance or
 * with a part ignored.
 */
export function loosenedHelpers({ file, marks, hunks, added, removed }: KeptTest): readonly GuardFinding[] {
  const before = new Set(removed.map(squeezed))
  const ignores = added.some(
    (line) =>
      CALLS.test(line) &&
      !before.has(squeezed(line)) &&
      before.has(squeezed(line.replace(IGNORES, '').replace(EXCLUDES, ''))),
  )
  const others = removed.filter((line) => !marks.assertion.test(line) && /\d/.test(line)).slice(0, MOST_LINES)
  const bySkeleton = new Map(others.map((line) => [skeletonOf(line), line]))
  const tolerates = added.slice(0, MOST_LINES).some((line) => {
    const old = bySkeleton.get(skeletonOf(line))
    return old !== undefined && /[<>]/.test(line) && widensTolerance(readAssertion(old), readAssertion(line))
  })
  const byNames = new Set(
    removed.flatMap((line) => (COMPARES.test(line) && !OF_TYPE.test(line) ? [withoutParts(line)] : [])),
  )
  const ofType = added.some(
    (line) => OF_TYPE.test(line) && COMPARES.test(line) && byNames.has(withoutParts(line)),
  )
  const matches = added.some((line) => isShorterMatch(line, removed))
  const isGiven = givesValue({ added, removed, hunks, assertion: marks.assertion })
  const found = [
    ...(matches ? ['asks for less in a matcher of its own'] : []),
    ...(isGiven ? ['compares a value that it wrote down, and not what it tests'] : []),
    ...(ofType ? ['compares types where it compared values'] : []),
    ...(ignores ? ['ignores a part of what it compared before'] : []),
    ...(tolerates ? ['tolerates more than before'] : []),
    ...(failsNoMore({ file, marks, added, removed }) ? ['fails no more where it failed before'] : []),
    ...(added.some((line) => isCoarser(line, removed)) ? ['compares with less care than before'] : []),
  ]
  return found.map((what) => ({ text: `\`${file.path}\` ${what}`, weight: 'reason' }))
}

/** RSpec: captures the condition of a custom matcher. */
const MATCHER = /^\s*match(?:_when_negated)?\s*(?:do|\{)\s*\|[^|]{1,60}\|\s*(.{1,300}?)\s*\}?\s*$/

function isShorterMatch(line: string, removed: readonly string[]): boolean {
  const now = MATCHER.exec(line)?.[1]
  if (now === undefined) return false
  return removed.some((one) => {
    const old = MATCHER.exec(one)?.[1] ?? ''
    return old.includes('&&') && old.length > now.length && old.includes(now)
  })
}

/** Matches rounding, a change of case and similar transformations of a value before a comparison. */
const COARSENS =
  /(?:\.(?:to_i|to_s|round|floor|ceil|trunc|toFixed|downcase|upcase|toLowerCase|toUpperCase|lower|upper|strip|trim)(?:\(\d{0,2}\))?|\s*\/\/?\s*\d{1,9}(?![\d.]))/g

/** True if a line is an existing comparison whose two sides are now rounded, trimmed or changed in case. */
function isCoarser(line: string, removed: readonly string[]): boolean {
  if (!/[^=!<>]==?=?[^=>]/.test(line)) return false
  const found = line.match(COARSENS) ?? []
  if (found.length < 2) return false
  const plain = squeezed(line.replace(COARSENS, ''))
  return removed.some((one) => {
    const less = one.match(COARSENS) ?? []
    return less.length + 2 <= found.length && squeezed(one.replace(COARSENS, '')) === plain
  })
}

/** Matches lines by which a test helper fails. */
const FAILS =
  /^\s*(?:\}\s*else\s*\{?\s*)?(?:throw\b|raise\b|panic!?\(|(?:t|tb)\.(?:Fatal|Error|Fail)\w*\(|fail\(|pytest\.fail\(|Assert\.Fail\()/
const DEFINES = /\b(?:function|def|func|fn|fun|class|void|static|public|private|const)\b/

/**
 * True if a file of test helpers no longer fails anywhere in its changed lines, as when a helper that waits
 * gives up in silence.
 */
function failsNoMore({
  file,
  marks,
  added,
  removed,
}: Pick<KeptTest, 'file' | 'marks' | 'added' | 'removed'>): boolean {
  const fails = (line: string) => FAILS.test(line)
  if (!file.bytes || !removed.some(fails)) return false
  if (added.some((line) => fails(line) || marks.assertion.test(line))) return false
  // The changed functions are still there, and none of them is a test.
  const lines = Buffer.from(file.bytes).toString('utf8').split('\n')
  return !lines.some((line) => marks.test.test(line)) && !removed.some((line) => DEFINES.test(line))
}

/** Captures a name that a test defines, and its value. */
const NAMES =
  /^\s*(?:let!?\(:(\w{1,60})\)\s*\{\s*(.{1,300}?)\s*\}|(?:(?:const|let|var|val|auto|final)\s*)?(\w{1,60})\s*:?=\s*(.{1,300}?);?)\s*$/
const ONLY_VALUE = /^(?:-?\d[\d._]*|"[^"]{1,100}"|'[^']{1,100}')$/

/**
 * True if a name that held a result of the program is now set to a literal, and a kept assertion compares it
 * with that literal.
 */
function givesValue({
  added,
  removed,
  hunks,
  assertion,
}: Pick<KeptTest, 'added' | 'removed' | 'hunks'> & { readonly assertion: RegExp }): boolean {
  const named = (line: string) => {
    const [, one, first, other, second] = NAMES.exec(line) ?? []
    return { name: one ?? other ?? '', value: first ?? second ?? '' }
  }
  const asked = new Set(
    removed
      .slice(0, MOST_LINES)
      .map(named)
      .flatMap(({ name, value }) =>
        /\w[(.]\w?|\.new\b/.test(value) && !ONLY_VALUE.test(value) ? [name] : [],
      ),
  )
  const given = added.slice(0, MOST_LINES).map(named)
  return given.some(({ name, value }) => {
    if (!asked.has(name) || !ONLY_VALUE.test(value)) return false
    const word = new RegExp(`\\b${name}\\b`)
    return hunks.some((lines) =>
      lines.some(
        ({ sign, text }) => sign === ' ' && assertion.test(text) && word.test(text) && text.includes(value),
      ),
    )
  })
}

/** The line without member accesses, so that only the compared objects remain. */
function withoutParts(line: string): string {
  return squeezed(line.replace(/\.\w+(?:\(\))?|\btypeof\b|\btype\(\s*(\w+)\s*\)/g, '$1'))
}

function skeletonOf(line: string): string {
  return squeezed(line.replace(/\d[\d_.eE]*(?:[-+]\d+)?/g, '0'))
}
