import { type IniFile, iniList } from '../read-ini.ts'
import { alternativesOf } from './tox-lines.ts'

const MOST = 60
const MOST_USUAL = 12
/** Factors for servers, other interpreters, the oldest and newest versions, and for things other than tests. */
const UNUSUAL =
  /^no(?!rm|de$|te|se|n_?root)[a-z]|^without|^root$|^win|^mac|darwin|bsd$|trunk|postgres|mysql|maria|oracle|mssql|mongo|redis|pypy|main|master|integration|performance|bench|e2e|dev|future|nightly|low|min|old|lint|docs?|mypy|flake|style|commit|cov|build|xdist|random/

/** A first factor that says what an environment does, before the version: `test-py3.12`. */
const LEADING = /^(?:unit_?)?tests?$|^unit$/

/** The factors of all environments that are listed. */
function allFactors(ini: IniFile): readonly (readonly string[])[] {
  return ['envlist', 'env_list']
    .flatMap((key) => iniList(ini, 'tox', key))
    .slice(0, MOST)
    .flatMap(alternativesOf)
    .map((name) => name.split('-'))
}

/** The same without those for unusual cases. */
function namedFactors(ini: IniFile): readonly (readonly string[])[] {
  return allFactors(ini).filter((factors) => !factors.some((factor) => UNUSUAL.test(factor)))
}

/** The factors of environments that may be the usual one, `py312-dj52-sqlite`: of the preferred Python, those with the fewest factors. */
export function usualFactors(ini: IniFile): readonly (readonly string[])[] {
  return fittest(namedFactors(ini))
}

function fittest(names: readonly (readonly string[])[]): readonly (readonly string[])[] {
  // In order of preference: the dependencies of these versions usually install on the sandbox's Python as well.
  const versions = ['py311', '3.11', 'py312', '3.12', 'py310', '3.10', 'py313', '3.13', 'py3', 'py']
  // `py3.11` is the same as `py311`.
  const isOf = ([first = '']: readonly string[], version: string | undefined) =>
    first === version || first.replace(/^py3\./, 'py3') === version
  const version = versions.find((one) => names.some((name) => isOf(name, one)))
  const fit = names.filter((name) => isOf(name, version))
  const fewest = Math.min(...fit.map(({ length }) => length))
  return fit.filter(({ length }) => length === fewest).slice(-MOST_USUAL)
}

/** The usual one of the environments that begin with what they do, `test-py3.11`; undefined without such. */
export function ledName(ini: IniFile): string | undefined {
  const names = namedFactors(ini).filter(([first = '']) => LEADING.test(first))
  const [lead] = names[0] ?? []
  const [usual] = fittest(names.filter(([first]) => first === lead).map(([, ...rest]) => rest))
  return lead === undefined || usual === undefined ? undefined : [lead, ...usual].join('-')
}

/** The sections in which the plugins of tox for CI say which factors a variable chooses: `TARGET =` and `redis: redis`. */
const BY_VARIABLES = ['gh-actions:env', 'travis:env']

/** The environment for the values of variables of CI, as tox-gh-actions chooses it; undefined if they choose none. */
export function nameByVariables(ini: IniFile, env: readonly string[]): string | undefined {
  const factors = BY_VARIABLES.flatMap((section) =>
    env.slice(0, MOST).flatMap((one) => {
      const [name = '', value = ''] = one.replace(/'/g, '').split('=')
      const lines = iniList(ini, section, name.toLowerCase()).map((line) => line.split(/:\s{1,9}/))
      return lines.find(([said]) => said === value)?.[1]?.split(/[\s,-]+/) ?? []
    }),
  ).filter((factor) => factor !== '')
  // A version of a dependency that is not released says less than the usual environment.
  if (factors.length === 0 || factors.some((factor) => /main|master|dev|latest/.test(factor)))
    return undefined
  const fit = fittest(allFactors(ini).filter((name) => factors.every((factor) => name.includes(factor))))
  const usual = fit.filter(
    (name) => !name.some((factor) => UNUSUAL.test(factor) && !factors.includes(factor)),
  )
  const chosen = (usual.length > 0 ? usual : fit).at(-1)
  return chosen === undefined ? undefined : ['py', ...chosen.slice(1)].join('-')
}
