import { ALL_TESTS, familyOf, isUnfit, type SaidScript } from '../ci/said-scripts.ts'
import { isAvoided, isOnlyBeyond, watches } from './fit-scripts.ts'
import { CHECK_SCRIPTS, hasScript, type PackageJson, scriptText } from './node-scripts.ts'
import {
  commandsWithoutScreen,
  needsBrowser,
  needsOther,
  needsScreen,
  opensBrowser,
  partsWithoutScreen,
} from './screen-scripts.ts'

/** `own`: a script of the package. `shared`: a script of each member that has it. `tool`: the command line of a tool. */
export type ChosenScript =
  | { readonly kind: 'own' | 'shared'; readonly name: string }
  | { readonly kind: 'tool'; readonly text: string; readonly env: readonly string[] }

/** Names for tests, without those for coverage, which may only be of types. */
const OF_TESTS = /^(?!c)(?=.*(?:test|spec|unit|jest|mocha))/

/** The parts of the usual test script that need no screen; the whole script if no part is known. */
export function testsWithScreen(
  own: PackageJson,
  { group, ofCi }: { readonly group: readonly string[]; readonly ofCi: readonly SaidScript[] },
): readonly ChosenScript[] {
  const usual = group.find((one) => hasScript(own, one))
  if (usual === undefined) return []
  const parts = partsWithoutScreen(own, usual).filter((one) => !watches(own, one) && !isOnlyBeyond(one, ofCi))
  if (parts.length === 0 && watches(own, usual)) return []
  const commands = parts.length > 0 ? [] : commandsWithoutScreen(own, usual)
  if (commands.length > 0) return commands.map((text) => ({ kind: 'tool', text, env: [] }))
  const other = Object.keys(own.scripts ?? {}).find(
    (one) => ALL_TESTS.test(one) && hasScript(own, one) && !isUnfit(one) && !isAvoided(own, one, []),
  )
  const said = ofCi.filter((one) => one.kind === 'own' && one.name === usual)
  const isOnScreen = said.length > 0 && said.every(({ line }) => line.needsMore) && needsScreen(own, usual)
  const isElsewhere =
    needsBrowser(own, usual) ||
    needsOther(own, usual) ||
    isOnScreen ||
    (opensBrowser(own, usual) && said.length === 0)
  const rest = other ?? (isElsewhere ? undefined : usual)
  return (parts.length > 0 ? parts : rest === undefined ? [] : [rest]).map((name) => ({ kind: 'own', name }))
}

/** The test script without its watch mode, if it is one plain command. */
export function oneThatEnds(own: PackageJson): readonly ChosenScript[] {
  const name = CHECK_SCRIPTS[0].find((one) => hasScript(own, one))
  // Another script may be named for all tests. One for coverage may only cover types.
  const other = Object.keys(own.scripts ?? {}).find(
    (one) =>
      ALL_TESTS.test(one) && !/^c/.test(one) && !isUnfit(one) && hasScript(own, one) && !watches(own, one),
  )
  if (name === undefined && other !== undefined) return [{ kind: 'own', name: other }]
  const text = name === undefined ? '' : scriptText(own, name)
  if (name === undefined || !/^[\w./@:= -]+$/.test(text) || !watches(own, name) || needsBrowser(own, name))
    return []
  const ends = text
    .replace(/\s(?:--watch(?:All)?|-w)(?=\s|$)/g, '')
    .replace(/\bvitest (?:watch|dev)\b/, 'vitest run')
    .replace(/\bvitest(?! run)\b/, 'vitest run')
    .replace(/(\bng test\b.*)$/, '$1 --watch=false')
  return [{ kind: 'tool', text: ends.trim(), env: [] }]
}

/** The usual script of tests, if it is not among the chosen ones and nothing else tests. */
export function leftOutTest(own: PackageJson, chosen: readonly ChosenScript[]): string | undefined {
  return isTested(chosen) ? undefined : CHECK_SCRIPTS[0].find((name) => hasScript(own, name))
}

/** A script that is named for all tests (`test:node`), if nothing chosen tests and there is none of a usual name. */
export function otherTests(
  own: PackageJson,
  { chosen, ofCi }: { readonly chosen: readonly ChosenScript[]; readonly ofCi: readonly SaidScript[] },
): readonly ChosenScript[] {
  if (isTested(chosen) || CHECK_SCRIPTS[0].some((name) => hasScript(own, name))) return []
  const name = Object.keys(own.scripts ?? {}).find(
    (one) =>
      OF_TESTS.test(one) &&
      ALL_TESTS.test(one) &&
      !isUnfit(one) &&
      hasScript(own, one) &&
      !isAvoided(own, one, ofCi),
  )
  return name === undefined ? [] : [{ kind: 'own', name }]
}

function isTested(chosen: readonly ChosenScript[]): boolean {
  return chosen.some((one) => one.kind === 'tool' || familyOf(one.name) === 'test')
}
