import { shellQuote } from '../../../text/shell-quote.ts'
import type { PythonManifests } from './python-manifests.ts'

/** What tox, nox or hatch would install and run for tests, so that it can be done without these tools. */
export interface TestEnvironment {
  /** The file that defines the environment, for people: `tox.ini`, `noxfile.py`. */
  readonly source: string
  /** Arguments of pip: `pytest>=8`, `-r tests/requirements.txt`. */
  readonly requirements: readonly string[]
  readonly extras: readonly string[]
  readonly groups: readonly string[]
  /** Variables that the tests may need, ready for a shell: `DJANGO_SETTINGS_MODULE=tests.settings`. */
  readonly env?: readonly string[] | undefined
  /** Command lines in order; parts that only the tool can expand may be missing. */
  readonly commands: readonly string[]
  /** The folder in which the commands run, relative to the project's; undefined for the project's own. */
  readonly folder?: string | undefined
  /** The environment's name if it was chosen among several: `py-test`. */
  readonly name?: string | undefined
}

/** The name of a dependency group of tox, `dev` for `{env:GROUP:dev}`; empty if only a run of tox could tell. */
export function groupName(word: string): readonly string[] {
  const name = word.replace(/^\{env:\w{1,60}:([\w.-]{1,60})\}$/, '$1')
  return /^[\w.-]+$/.test(name) ? [name] : []
}

/** Whether a nox session has parameters. By its name alone, nox would run it for all of their values, such as databases. */
export function hasNoxMatrix({ noxfile }: PythonManifests, name: string): boolean {
  const [, parameters = ''] = new RegExp(`^def ${functionOf(name)}\\(([^)]{0,1000})`, 'm').exec(noxfile) ?? []
  return parameters.split(',').filter((one) => one.trim() !== '').length > 1
}

/** The function of a session: `tests` for `tests-3.12(django='5')`. */
function functionOf(name: string): string {
  return name.replace(/\W.*$/, '')
}

/** Whether the session of nox with this name runs pytest, whatever the name says. */
export function runsPytest({ noxfile }: PythonManifests, name: string): boolean {
  const body = sessionBody(noxfile, name) ?? ''
  // A session that clones tests another repository with this one.
  return /\.run\([^()]{0,200}["']pytest["']/.test(body) && !/["']git["'], ["']clone["']/.test(body)
}

/** Whether the session of nox with this name only reports what other sessions have measured: `session.run("coverage", "xml")`. */
export function onlyReports({ noxfile }: PythonManifests, name: string): boolean {
  const body = sessionBody(noxfile, name) ?? ''
  return (
    /\.run\(\s?["'](?:coverage|diff-cover|codecov|coveralls)["']/.test(body) &&
    !/["'](?:run|pytest|py\.test|unittest|[\w./-]{0,80}tests?\.py)["']/.test(body)
  )
}

/** The text of a session's function on one line, without comments; by default of the session for tests. */
function sessionBody(noxfile: string, named: string | undefined): string | undefined {
  const lines = noxfile.split('\n')
  const wanted =
    named === undefined
      ? /^def (?:tests?|unit|unit_tests?|pytest)\(/
      : new RegExp(`^def ${functionOf(named)}\\(`)
  const start = lines.findIndex((line) => wanted.test(line))
  if (start === -1) return undefined
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => /^\S/.test(line) && !/^\)/.test(line))
  return rest
    .slice(0, end === -1 ? 200 : end)
    .map((line) => line.replace(/(?:^|\s)#.*$/, ''))
    .join(' ')
    .replace(/\s+/g, ' ')
}

const MOST_HELPERS = 8

/** The text with the bodies of functions that get only the session, `_install_tests(session)`, in the place of their calls. */
function withHelpers(noxfile: string, body: string): string {
  let left = MOST_HELPERS
  return body.replace(/(?<![\w.])(?:await )?(\w{1,60})\(session\)/g, (call, name: string) => {
    const inner = left-- > 0 ? sessionBody(noxfile, name) : undefined
    return inner ?? call
  })
}

/** The nox session for tests, read from the text of its calls; undefined if an argument is more than a plain string. */
export function noxEnvironment(
  { noxfile }: PythonManifests,
  named?: string | undefined,
): TestEnvironment | undefined {
  const own = sessionBody(noxfile, named)
  if (own === undefined) return undefined
  const body = withHelpers(noxfile, own)
  const calls = [...body.matchAll(/session\.(install|run)\(([^()]{0,600})\)/g)]
  const requirements: string[] = []
  const commands: string[] = []
  for (const [, call, text = ''] of calls) {
    const said = text.match(/\b[rf]?"[^"]*"|\b[rf]?'[^']*'|"[^"]*"|'[^']*'|[^\s,"'][^,]*/g) ?? []
    const args = said.filter((one) => one !== '' && !/^\*?session\.posargs$|^\w+\s?=/.test(one))
    const texts = args.map((one) => /^["']([^"']*)["']$/.exec(one.trim())?.[1])
    // Arguments that depend on a matrix, such as `f"django~={version}"` or an option, are left out.
    const isOther = args.some(
      (one, at) => texts[at] === undefined && !/^\s*f["'](?:[\w-]{1,60}[~=<>]|--\w)/.test(one),
    )
    if (isOther) return undefined
    const words = texts.filter((one) => one !== undefined)
    if (call === 'run') commands.push(words.map(shellQuote).join(' '))
    else requirements.push(...words.join(' ').split(/ (?!(?<=-[erc] ))/))
  }
  if (requirements.length === 0 || commands.length === 0) return undefined
  return { source: 'noxfile.py', requirements, extras: [], groups: [], commands }
}
