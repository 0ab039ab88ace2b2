import type { Project } from '../../project.ts'
import type { CiStep } from './ci-line.ts'
import { startsService } from './ci-services.ts'
import { placeAt } from './script-lines.ts'

const MOST_SCRIPTS = 12
const MOST_CHARACTERS = 16 * 1024
/** The start of a line that calls a script: `./scripts/test`, `A=1 bash ci/run.sh unit`. */
const CALL =
  /^\s{0,40}(?:[A-Z_]\w{0,40}=\S{0,80}\s{1,4}){0,4}(?:(?:bash|sh|source|\.)\s{1,4}(?:-[a-z]{1,4}\s{1,4}){0,2})?((?:\.\/)?\.?[\w-][\w.-]{0,60}(?:\/[\w.-]{1,60}){0,5})(?=\s|$)/
/** Scripts that tools generate, and scripts that prepare a build of C. */
const OF_TOOLS =
  /(?:^|\/)(?:gradlew|mvnw|configure|Configure|autogen\.sh|bootstrap\.sh|buildconf|bazelw?|sbt)$/
const SHELL = /^#!\s?\/(?:usr\/)?bin\/(?:env\s)?(?:ba|da|z)?sh\b/
/** A move relative to the folder of the script itself: `cd "$(dirname "$0")/.."`. */
const TO_ITSELF =
  /\b(cd|pushd) (?:-- )?["']?(?:\$\(|`)\s?dirname (?:-- )?["']?\$\{?(?:0|BASH_SOURCE(?:\[0\])?)\}?["']?\s?(?:\)|`)["']?((?:\/[\w.-]{1,40}){0,6})["']?/g
const TO_ROOT = /\b(cd|pushd) ["']?\$\(git rev-parse --show-toplevel\)["']?/g
/** A function or an alias of the script, which is not the program of this name. */
const DEFINES = /^\s{0,40}(?:function |alias )?([\w-]{1,40})(?: ?\(\)|(?<=alias [\w-]{1,40})=)/gm
const ARGUMENTS = / ["']?\$\{?[@*]\}?["']?(?= |$)/gm

/** Returns a function that reads the repository's shell scripts that a step of CI runs, but not the scripts that these run. */
export function scriptReader(project: Project): (step: CiStep) => Promise<readonly CiStep[]> {
  const texts = new Map<string, string | undefined>()
  return async (step) => {
    const found: CiStep[] = []
    for (const path of calledBy(step)) {
      if (!texts.has(path)) {
        if (texts.size >= MOST_SCRIPTS) continue
        texts.set(path, await project.read(path))
      }
      const text = texts.get(path)
      if (text === undefined || text.length > MOST_CHARACTERS || !isShell(path, text)) continue
      const needsMore = step.needsMore || text.split('\n').some(startsService)
      const script = withArguments(plainScript(path, text), argumentsOf(step, path))
      const variables = { ...(step.variables ?? step.env), ...constantsOf(script) }
      found.push({ ...step, file: path, line: 1, script, needsMore, variables })
    }
    return found
  }
}

/** A line that makes an environment for Python, into which a script then installs all that it tests with. */
const MAKES = /^\s{0,40}(?:python3?(?:\.\d+)? -m (?:venv|virtualenv)|virtualenv|uv venv|conda create)\s/

/** Whether a script makes an environment of its own, so that each run of it needs a network. */
export function makesEnvironment(script: string): boolean {
  return script.split('\n').some((line) => line.length < 1000 && MAKES.test(line))
}

function calledBy({ script, folder }: CiStep): readonly string[] {
  const lines = script.length > MOST_CHARACTERS ? [] : script.split('\n')
  const paths = lines
    .flatMap((line) => line.slice(0, 1000).split(' && '))
    .flatMap((part) => {
      const called = CALL.exec(part)?.[1]
      const place = called === undefined ? undefined : placeAt('', folder ?? '')
      // A word without a slash is a program, unless it ends in `.sh`.
      const isPath = called !== undefined && (called.includes('/') || called.endsWith('.sh'))
      const path = isPath && place !== undefined ? placeAt(place, called) : undefined
      return path === undefined || OF_TOOLS.test(path) ? [] : [path]
    })
  return [...new Set(paths)]
}

/** A plain value without quotes. */
const PLAIN = /^[\w@%+=:,./-]{1,200}$/

/** The arguments of the first call of a script, with variables that have a plain value; empty for unknown ones. */
function argumentsOf({ script, variables = {} }: CiStep, path: string): readonly string[] {
  const name = path.split('/').at(-1) ?? path
  const line = script.split('\n').find((one) => one.length < 1000 && CALL.exec(one)?.[1]?.endsWith(name))
  const rest = line?.slice(line.indexOf(name) + name.length) ?? ''
  return (rest.match(/"[^"]{0,200}"|'[^']{0,200}'|[^\s;&|]{1,200}/g) ?? []).slice(0, 9).map((word) => {
    const bare = word.replace(/^(["'])(.*)\1$/, '$2')
    const [, variable] = /^\$\{?(\w{1,60})\}?$/.exec(bare) ?? []
    const value =
      variable === undefined ? bare : Object.hasOwn(variables, variable) ? variables[variable] : ''
    return value !== undefined && PLAIN.test(value) ? value : ''
  })
}

/** Puts known arguments into a script: `$1`, `${2}`. */
function withArguments(script: string, values: readonly string[]): string {
  return script.replace(
    /\$(?:([1-9])|\{([1-9])\})(?!\w)/g,
    (whole, bare: string | undefined, braced = '') => {
      const value = values[Number(bare ?? braced) - 1]
      return value === undefined || value === '' ? whole : value
    },
  )
}

/** Variables that a script sets once, to a plain value: `FEATURES=serde,rayon`. */
function constantsOf(script: string): Readonly<Record<string, string>> {
  const found = new Map<string, string | undefined>()
  for (const line of script.split('\n')) {
    const [, name, , value = ''] =
      /^\s{0,20}(?:export |readonly |local )?([A-Za-z_]\w{0,60})=(["']?)([^"'\n]{0,300})\2\s{0,9}$/.exec(
        line.slice(0, 600),
      ) ?? []
    if (name === undefined) continue
    found.set(name, found.has(name) || !PLAIN.test(value) ? undefined : value)
  }
  return Object.fromEntries(
    [...found].flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function isShell(path: string, text: string): boolean {
  return /\.(?:sh|bash)$/.test(path) || SHELL.test(text)
}

/** The script with its moves as paths from the root (`/.`), without references to its arguments and calls of its own functions. */
function plainScript(path: string, text: string): string {
  const own = path.split('/').slice(0, -1).join('/')
  const defined = new Set([...text.matchAll(DEFINES)].map(([, name]) => name))
  return text
    .split('\n')
    .filter((line) => !defined.has(/^\s{0,40}([\w-]{1,40})(?= |$)/.exec(line)?.[1]))
    .join('\n')
    .replace(TO_ITSELF, (_, move: string, rest: string) => `${move} /.${own === '' ? '' : `/${own}`}${rest}`)
    .replace(TO_ROOT, '$1 /.')
    .replace(ARGUMENTS, '')
}
