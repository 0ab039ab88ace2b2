import { ALL_TESTS, type SaidScript } from '../ci/said-scripts.ts'
import { hasScript, type PackageJson, reachedFrom } from './node-scripts.ts'
import { isLint, isOnScreen } from './screen-scripts.ts'

const MOST_OF_MEMBERS = 2

/**
 * Chooses which of the tests that CI runs count: all of the package's own; if it has none, those of members that CI names;
 * none if the test scripts of all members are more. Scripts that another one runs as well are left out, and so are those
 * that only add coverage.
 */
export function fittingTests(
  own: PackageJson,
  {
    said,
    members,
    hasUsual,
  }: {
    readonly said: readonly SaidScript[]
    readonly members: readonly PackageJson[]
    readonly hasUsual: boolean
  },
): readonly SaidScript[] {
  const ofMembers = said.filter((one) => one.kind === 'tool' && one.ofMembers === true)
  const ofPackage = said.filter((one) => !ofMembers.includes(one))
  // If the usual script is avoided, CI may run parts of it.
  const parts = hasScript(own, 'test') && !hasUsual ? reachedFrom(own, 'test') : new Set<string>()
  const isAll = (one: SaidScript) =>
    one.kind === 'tool' ||
    ALL_TESTS.test(one.name) ||
    (parts.has(one.name) && !isLint(one.name) && !isOnScreen(one.line))
  const whole = ofPackage.filter(isAll)
  // Scripts with coverage run the same tests as the usual one.
  if (hasUsual && whole.every(isCoverage)) return []
  if (hasUsual || whole.length > 0 || parts.size > 0) return withoutRepeated(own, whole)
  const areShared = members.some((member) => hasScript(member, 'test'))
  if (ofMembers.length > 0 && (ofMembers.length <= MOST_OF_MEMBERS || !areShared)) return ofMembers
  return areShared ? [] : withoutRepeated(own, ofPackage)
}

/** Whether a script reports coverage, by its name. */
export function isCoverage(one: SaidScript): boolean {
  return one.kind === 'own' && /cov/.test(one.name)
}

function withoutRepeated(own: PackageJson, said: readonly SaidScript[]): readonly SaidScript[] {
  const plain = said.some((one) => !isCoverage(one)) ? said.filter((one) => !isCoverage(one)) : said
  return plain.filter(
    (one) =>
      one.kind !== 'own' ||
      !plain.some(
        (other) =>
          other.kind === 'own' && other.name !== one.name && reachedFrom(own, other.name).has(one.name),
      ),
  )
}
