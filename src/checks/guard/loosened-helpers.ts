import { widensTolerance } from '../accepts-more.ts'
import { readAssertion } from '../read-assertion.ts'
import { type GuardFinding, type KeptTest, squeezed } from './guarded-change.ts'

/** An argument that leaves a part of the values out of a comparison. */
const IGNORES =
  /,?\s*\.?(?:[\w]{1,40}\.){0,3}\w{0,30}[iI]gnor(?:e|ing)(?!Case)\w{0,60}\((?:[^()]|\([^()]{0,100}\)){0,300}\)/g
const EXCLUDES =
  /,?\s*(\w{1,20})\s*=>\s*\1(?:\s*\.(?:Excluding|Without|Exclude)\w{0,20}\((?:[^()]|\([^()]{0,100}\)){0,200}\)){1,20}/g
const CALLS = /[iI]gnor(?:e|ing)\w{0,60}\(|\.(?:Excluding|Without|Exclude)\w{0,20}\(/
const MOST_LINES = 300
const COMPARES = /[=!]==?/
const OF_TYPE = /\.(?:class|constructor|getClass\(\)|GetType\(\))|\btypeof\b|\btype\(/

/** Lines of tests and their helpers that compare with less care than before: a larger tolerance, a part that is ignored. */
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
  ]
  return found.map((what) => ({ text: `\`${file.path}\` ${what}`, weight: 'reason' }))
}

/** RSpec: what a matcher of the project asks for. */
const MATCHER = /^\s*match(?:_when_negated)?\s*(?:do|\{)\s*\|[^|]{1,60}\|\s*(.{1,300}?)\s*\}?\s*$/

function isShorterMatch(line: string, removed: readonly string[]): boolean {
  const now = MATCHER.exec(line)?.[1]
  if (now === undefined) return false
  return removed.some((one) => {
    const old = MATCHER.exec(one)?.[1] ?? ''
    return old.includes('&&') && old.length > now.length && old.includes(now)
  })
}

/** A name of a test gets a value. */
const NAMES =
  /^\s*(?:let!?\(:(\w{1,60})\)\s*\{\s*(.{1,300}?)\s*\}|(?:const|let|var|val|auto|final)?\s*(\w{1,60})\s*:?=\s*(.{1,300}?);?)\s*$/
const ONLY_VALUE = /^(?:-?\d[\d._]*|"[^"]{1,100}"|'[^']{1,100}')$/

/** What a program answered has a value that is written down now, and an assertion that stays compares it with the same. */
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

/** Of what is compared, only the names in front. */
function withoutParts(line: string): string {
  return squeezed(line.replace(/\.\w+(?:\(\))?|\btypeof\b|\btype\(\s*(\w+)\s*\)/g, '$1'))
}

function skeletonOf(line: string): string {
  return squeezed(line.replace(/\d[\d_.eE]*(?:[-+]\d+)?/g, '0'))
}
