import { shellQuote } from '../../../text/shell-quote.ts'
import type { PythonManifests } from './python-manifests.ts'

/** What tox, nox or hatch would install and run for tests, without them. */
export interface TestEnvironment {
  /** For people: `tox.ini`, `noxfile.py`. */
  readonly source: string
  /** Arguments of pip: `pytest>=8`, `-r tests/requirements.txt`. */
  readonly requirements: readonly string[]
  readonly extras: readonly string[]
  readonly groups: readonly string[]
  /** Variables without which its tests may not run, ready for a shell: `DJANGO_SETTINGS_MODULE=tests.settings`. */
  readonly env?: readonly string[] | undefined
  /** Command lines, in order, as far as they are plain. */
  readonly commands: readonly string[]
  /** Where they run, if not in the folder of the project. */
  readonly folder?: string | undefined
  /** Its name, if it was chosen among several: `py-test`. */
  readonly name?: string | undefined
}

/** A group of tox, `{env:GROUP:dev}` as `dev`; none for what only the run knows. */
export function groupName(word: string): readonly string[] {
  const name = word.replace(/^\{env:\w{1,60}:([\w.-]{1,60})\}$/, '$1')
  return /^[\w.-]+$/.test(name) ? [name] : []
}

/** Whether a session of nox has parameters: by its name alone nox runs it for all of their values, databases as well. */
export function hasNoxMatrix({ noxfile }: PythonManifests, name: string): boolean {
  const [, parameters = ''] = new RegExp(`^def ${functionOf(name)}\\(([^)]{0,1000})`, 'm').exec(noxfile) ?? []
  return parameters.split(',').filter((one) => one.trim() !== '').length > 1
}

/** `tests-3.12(django='5')` is the function `tests`. */
function functionOf(name: string): string {
  return name.replace(/\W.*$/, '')
}

/** The session of nox for tests, as far as its calls have nothing but plain texts; undefined if one has more. */
export function noxEnvironment(
  { noxfile }: PythonManifests,
  named?: string | undefined,
): TestEnvironment | undefined {
  const lines = noxfile.split('\n')
  const wanted =
    named === undefined
      ? /^def (?:tests?|unit|unit_tests?|pytest)\(/
      : new RegExp(`^def ${functionOf(named)}\\(`)
  const start = lines.findIndex((line) => wanted.test(line))
  if (start === -1) return undefined
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => /^\S/.test(line) && !/^\)/.test(line))
  const body = rest
    .slice(0, end === -1 ? 200 : end)
    .map((line) => line.replace(/(?:^|\s)#.*$/, ''))
    .join(' ')
    .replace(/\s+/g, ' ')
  const calls = [...body.matchAll(/session\.(install|run)\(([^()]{0,600})\)/g)]
  const requirements: string[] = []
  const commands: string[] = []
  for (const [, call, text = ''] of calls) {
    const said = text.match(/\b[rf]?"[^"]*"|\b[rf]?'[^']*'|"[^"]*"|'[^']*'|[^\s,"'][^,]*/g) ?? []
    const args = said.filter((one) => one !== '' && !/^\*?session\.posargs$|^\w+\s?=/.test(one))
    const texts = args.map((one) => /^["']([^"']*)["']$/.exec(one.trim())?.[1])
    // A version of a matrix, `f"django~={version}"`, leaves the usual one; so do settings that the matrix chooses.
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
