import { ALL_TESTS, familyOf, type SaidScript } from '../ci/said-scripts.ts'
import {
  audits,
  dependenciesOf,
  hasScript,
  type PackageJson,
  reachedFrom,
  scriptText,
  writes,
} from './node-scripts.ts'
import { needsBrowser, needsOther, needsScreen, partsWithoutScreen } from './screen-scripts.ts'

/** Commands that do not end, or that open a browser and wait. */
const WATCHES =
  /\b(?:jest|vitest|mocha|ava|tap|react-scripts test|tsc|vue-cli-service test:unit)\b.*\s(?:--watch(?:All)?(?!=false)|-w)(?=\s|$)|\bvitest (?:watch|dev)\b|\bnodemon\b|\bchokidar\b|\bkarma start\b(?!.*--single-run)|\bng test\b(?!.*--(?:no-)?watch)/
const DOCKER = /\bdocker\b/

/** Names of the scripts for all tests that CI runs and that need no screen. */
export function withoutScreen(own: PackageJson, ofCi: readonly SaidScript[]): readonly string[] {
  return saidOf(ofCi, 'test', own).flatMap((one) =>
    one.kind === 'own' && ALL_TESTS.test(one.name) && !needsScreen(own, one.name) ? [one.name] : [],
  )
}

/** If a test script also formats sources, the one part of it that only tests; else the script itself. */
export function withoutFormatting(own: PackageJson, name: string): string {
  const reached = [...reachedFrom(own, name)]
  const formats = reached.some((one) => /^(?:format|prettier)$/.test(one) && writes(own, one))
  const parts = formats ? partsWithoutScreen(own, name).filter((one) => !writes(own, one)) : []
  return parts.length === 1 ? (parts[0] ?? name) : name
}

/** Whether a test script needs a screen and one of the others does not. */
export function isBeyond(
  own: PackageJson,
  {
    name,
    family,
    others,
  }: { readonly name: string; readonly family: string; readonly others: readonly string[] },
): boolean {
  if (family !== 'test' || !needsScreen(own, name)) return false
  return others.some((one) => one !== name && !needsScreen(own, one))
}

/** Whether a script is avoided: it waits or needs a screen and CI does not run it as it is, or it needs another program. */
export function isAvoided(own: PackageJson, name: string, ofCi: readonly SaidScript[]): boolean {
  const said = ofCi.filter((one) => one.kind === 'own' && one.name === name)
  const isSaid = said.some(({ line }) => !line.needsMore)
  const hasBrowsers = said.some(({ line }) => line.needsMore)
  const ends = said.some(({ line }) => line.words.at(-1) === name)
  return (
    (!ends && watches(own, name)) ||
    needsOther(own, name) ||
    needsBrowser(own, name) ||
    (!isSaid && (needsScreen(own, name, hasBrowsers) || runsBeyond(own, name, ofCi)))
  )
}

/** Whether a script runs tests that CI only runs in jobs with a browser or a service, beside others that it runs anywhere. */
export function runsBeyond(own: PackageJson, name: string, ofCi: readonly SaidScript[]): boolean {
  const parts = partsWithoutScreen(own, name)
  return (
    [...reachedFrom(own, name)].some((one) => one !== name && isOnlyBeyond(one, ofCi)) &&
    parts.some((one) => !isOnlyBeyond(one, ofCi))
  )
}

/** Whether CI runs a script of tests only in jobs with a browser or a service. */
export function isOnlyBeyond(name: string, ofCi: readonly SaidScript[]): boolean {
  const said = ofCi.filter((one) => one.kind === 'own' && one.name === name)
  return said.length > 0 && familyOf(name) === 'test' && said.every(({ line }) => line.needsMore)
}

/** The scripts of one kind that CI runs, if the package has them, they do not write files, and they end. */
export function saidOf(said: readonly SaidScript[], family: string, own: PackageJson): readonly SaidScript[] {
  return said.filter((one) => {
    if (one.kind === 'tool')
      return family === one.family && (!/^vp /.test(one.text) || dependenciesOf(own).includes('vite-plus'))
    const isFit =
      hasScript(own, one.name) &&
      familyOf(one.name) === family &&
      (one.line.words.at(-1) === one.name || !watches(own, one.name)) &&
      !needsOther(own, one.name) &&
      !(family === 'test' && needsBrowser(own, one.name)) &&
      !(one.line.needsMore && needsScreen(own, one.name, true))
    if (family === 'test') return isFit && !DOCKER.test(scriptText(own, one.name))
    if (family === 'format' && !judges(own, one.name)) return false
    // A script for everything, in a job with a browser or a service, runs the tests that need them as well.
    if (family === 'check' && one.line.needsMore) return false
    return isFit && !writes(own, one.name) && !audits(own, one.name) && !needsScreen(own, one.name)
  })
}

/** Whether a formatting script only checks. Others write files, even if CI adds options of its own. */
function judges(own: PackageJson, name: string): boolean {
  const reached = [...reachedFrom(own, name)]
  return reached.some((one) =>
    /check|verify|lint|--list-different|\s-[lc](?=\s|$)|--dry-run|\bci\b/.test(
      `${one} ${scriptText(own, one)}`,
    ),
  )
}

/** Whether a script, or one that it runs, does not end. */
export function watches(own: PackageJson, name: string): boolean {
  return [...reachedFrom(own, name)].some((one) => WATCHES.test(scriptText(own, one)))
}
