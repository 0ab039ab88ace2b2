import { widensTolerance } from '../assertion-strength.ts'
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
export function loosenedHelpers({ file, marks, added, removed }: KeptTest): readonly GuardFinding[] {
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
  const found = [
    ...(ofType ? ['compares types where it compared values'] : []),
    ...(ignores ? ['ignores a part of what it compared before'] : []),
    ...(tolerates ? ['tolerates more than before'] : []),
  ]
  return found.map((what) => ({ text: `\`${file.path}\` ${what}`, weight: 'reason' }))
}

/** Of what is compared, only the names in front. */
function withoutParts(line: string): string {
  return squeezed(line.replace(/\.\w+(?:\(\))?|\btypeof\b|\btype\(\s*(\w+)\s*\)/g, '$1'))
}

function skeletonOf(line: string): string {
  return squeezed(line.replace(/\d[\d_.eE]*(?:[-+]\d+)?/g, '0'))
}
