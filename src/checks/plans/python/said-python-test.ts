import { shellQuote } from '../../../text/shell-quote.ts'
import { plainWords } from '../ci/plain-words.ts'

/** A command that runs Python tests, without a launcher such as `uv run`. */
export interface PythonTest {
  /** The arguments of `python3`: `-m pytest tests`, `manage.py test`. */
  readonly args: string
  /** The Python module that runs, such as `pytest`, `unittest`, `tox`, `nox`; empty for a program of the repository. */
  readonly module: string
  /** Whether it runs all tests, not only one file or case. */
  readonly isWhole: boolean
}

/** A run of a script or environment that another file defines: `tox -e py`, `hatch run test:cov`, `pdm run test`. */
export interface NamedRun {
  readonly tool: 'tox' | 'nox' | 'hatch' | 'script'
  readonly name: string | undefined
}

const LAUNCHERS = new Set(['uv', 'poetry', 'pipenv', 'pdm', 'hatch', 'rye', 'pixi', 'uvx', 'pipx'])
const LAUNCHER_VALUES =
  /^(?:--group|--extra|--python|-p|--with|--env-file|--package|--only-group|--no-group|-e|--env|--project|--directory|--from)$/
/** Options of pytest that only report, need a plugin that may be missing, or add tests that need a network. */
const REPORTS =
  /^(?:--(?:no-)?cov(?:-[\w-]+)?(?:=.*)?|--junit-?xml(?:=.*)?|--html(?:=.*)?|--durations(?:-min)?(?:=.*)?|-v+|-q+|-s|-l|-[svqlx]{2,6}(?:r\w{1,6})?|--(?:store|clean)-durations|--durations-path(?:=.*)?|--showlocals|--color(?:=.*)?|--tb(?:=.*)?|-r\w*|--only-rerun(?:=.*)?|--verbose|--quiet|--cache-clear|--maxprocesses(?:=.*)?|-n(?:auto|logical|\d+)?|--numprocesses(?:=.*)?|--dist(?:=.*)?|--reruns(?:-delay)?(?:=.*)?|--benchmark-[\w-]+(?:=.*)?|--timeout(?:=.*)?|--codeblocks|--self-contained-html|--md-report.*|--report-log(?:=.*)?|--iterations(?:=.*)?|--parallel-threads(?:=.*)?|--alluredir(?:=.*)?|--splits?(?:=.*)?|--group(?:=.*)?|--strict|-p|--maxfail(?:=.*)?|--capture(?:=.*)?|-o|--override-ini(?:=.*)?|-W|--memray|--hypothesis-[\w-]+(?:=.*)?|--full-?trace|--no-header|--no-summary|--disable-(?:pytest-)?warnings|--failed-first|--ff|--exitfirst|-x|--(?:run[-_]?)?(?:int|integration|e2e|slow|network|online|internet)|--run-optional-tests(?:=.*)?)$/
const WITH_VALUE =
  /^(?:--cov-(?!append|branch|reset)[\w-]+|--md-report[\w-]*|--alluredir|--cov-config|--cov-context|--junit-?xml|--html|-n|--numprocesses|--dist|--durations|--durations-path|--reruns|--reruns-delay|--only-rerun|-r|--maxprocesses|--timeout|--splits|--group|--color|--tb|--benchmark-json|--report-log|-p|-o|--override-ini|-W|--maxfail|--capture)$/
/** Names of a repository's programs that run its tests; programs with other names may do something else. */
const OWN =
  /(?:^|\/)(?:run[-_]?(?:all[-_]?)?(?:unit[-_]?)?tests?|(?:all|unit)?[-_]?tests?|test[-_]?(?:all|suite|runner))\.py$|(?:^|\/)u?tests?\/run\.py$/
/** A program of the repository; without an ending only if its folder and its name say that it is one. */
const PROGRAM = /\.py$|\/run[-_](?:\w{1,20}[-_])?tests?$/
/** Names of tasks of invoke that run all tests. */
const INVOKED = /^(?:ci[-.])?(?:unit[-.]?)?tests?(?:[-.](?:unit|all|ci|cov(?:erage)?|run))?$/
/** Modules by which a package runs its own tests: `tornado.test`. */
const OWN_MODULE = /^(?:\w+\.)+(?:tests?|tests?\.run_?tests|runtests|testsuite|test_runner|alltests)$/
const MODULES = /^(?:pytest|py\.test|unittest|tox|nox|stestr|trial|nose2|coverage|twisted\.trial)$/

/** Reads a command line that runs Python tests; undefined for any other. */
export function readPythonTest(command: string): PythonTest | NamedRun | undefined {
  const words = plainWords(command)?.map(({ text }) => text)
  return words === undefined ? undefined : readWords(words)
}

function readWords(all: readonly string[]): PythonTest | NamedRun | undefined {
  // In `uv run hatch test`, the inner launcher decides.
  const inner = withoutLauncher(all)
  const said = LAUNCHERS.has(all[0] ?? '') && LAUNCHERS.has(inner[0] ?? '') ? inner : all
  const words = withoutCoverage(withoutLauncher(said))
  const [launcher = '', sub = ''] = said
  if (launcher === 'hatch' && sub === 'test') return { tool: 'hatch', name: 'hatch-test:run' }
  const [program = '', ...rest] = words
  if (program === 'tox' || program === 'nox') return namedRun(program, rest)
  if (/^(?:pytest|py\.test)$/.test(program)) return pytest(rest)
  if (program === 'poe' || program === 'task') return { tool: 'script', name: rest[0] }
  if (/^(?:python3?|python3\.\d+)$/.test(program)) {
    const isOption = (word: string, at: number) =>
      /^-(?:[bBEIOsSuvx]+|[WX].*)$/.test(word) || /^-[WX]$/.test(rest[at - 1] ?? '')
    const start = rest.findIndex((word, at) => !isOption(word, at))
    const args = rest.slice(Math.max(0, start))
    if (args[0] !== '-m') return PROGRAM.test(args[0] ?? '') ? ownProgram(args) : undefined
    const inner = withoutCoverage(args.slice(1))
    const [module = '', ...more] = inner
    if (module === 'pytest' || module === 'py.test') return pytest(more)
    if (module === 'tox' || module === 'nox') return namedRun(module, more)
    if (/\.py$/.test(module)) return ownProgram(inner)
    if (module === 'django') return more[0] === 'test' ? moduleRun(module, more) : undefined
    // Only `coverage run` runs tests; `coverage html` and others report.
    if (module === 'coverage' && more[0] !== 'run') return undefined
    if (!MODULES.test(module) && !OWN_MODULE.test(module)) return undefined
    return moduleRun(module, more)
  }
  if (/\.py$/.test(program)) return ownProgram(words)
  if (/^(?:invoke|inv)$/.test(program))
    return INVOKED.test(rest[0] ?? '') ? moduleRun('invoke', rest) : undefined
  if (/^(?:stestr|trial|nose2|unittest)$/.test(program))
    return moduleRun(program === 'trial' ? 'twisted.trial' : program, rest)
  // A script of pyproject.toml.
  return LAUNCHERS.has(launcher) && /^[\w.:-]+$/.test(program)
    ? { tool: launcher === 'hatch' ? 'hatch' : 'script', name: program }
    : undefined
}

function withoutLauncher(words: readonly string[]): readonly string[] {
  const [first = ''] = words
  if (!LAUNCHERS.has(first)) return words
  let at = words[1] === 'run' || words[1] === 'test' || words[1] === 'tool' ? 2 : 1
  if (words[1] === 'tool' && words[2] === 'run') at = 3
  for (; at < words.length; at++) {
    const word = words[at] ?? ''
    if (!/^[-+]/.test(word)) break
    if (LAUNCHER_VALUES.test(word) && !word.includes('=')) at++
  }
  return words.slice(at)
}

/** Removes `coverage run` or `slipcover`: `coverage run --source x -m pytest` becomes `pytest`. */
function withoutCoverage(words: readonly string[]): readonly string[] {
  const start = words[0] === 'coverage' && words[1] === 'run' ? 2 : words[0] === 'slipcover' ? 1 : 0
  if (start === 0) return words
  const module = words.indexOf('-m', start)
  if (module !== -1) return words.slice(module + 1)
  const program = words.findIndex((word, at) => at >= start && /^[^-].*\.py$/.test(word))
  return program === -1 ? words : words.slice(program)
}

function namedRun(tool: 'tox' | 'nox', words: readonly string[]): NamedRun {
  const option = tool === 'tox' ? /^(?:-e|--env|-f|--factors?)$/ : /^(?:-s|--session|--sessions|-e)$/
  const at = words.findIndex((word) => option.test(word))
  const joined = words
    .map((word) => /^(?:-e|-s)=?([\w.-].*)$|^--(?:env|sessions?)=(.*)$/.exec(word))
    .find((found) => found !== null)
  const name = at === -1 ? (joined?.[1] ?? joined?.[2]) : words[at + 1]
  const more = tool === 'nox' && at !== -1 ? sessionsFrom(words.slice(at + 1)) : (name?.split(',') ?? [])
  return { tool, name: versionless(more) }
}

/** The sessions of nox after `-s`, those for all tests or for the core first: `tools test_core`. */
function sessionsFrom(words: readonly string[]): readonly string[] {
  const end = words.findIndex((word) => !/^\w[\w.-]*(?:\(|$)/.test(word))
  const names = end === -1 ? words : words.slice(0, Math.max(1, end))
  const rank = (name: string) =>
    /^(?:unit_?)?tests?(?:-[\d.]+)?$|^unit$/.test(name) ? 0 : /(?:^|_)(?:core|unit)$/.test(name) ? 1 : 2
  return names.toSorted((a, b) => rank(a) - rank(b))
}

/** The first environment for a version of Python, else the first, without the version, since the sandbox has its own. */
export function versionless(names: readonly string[]): string | undefined {
  const name = names.find((one) => /^(?:py(?!py)|3\.)/.test(one)) ?? names[0]
  return name?.replace(/^(?:(?:py(?:thon)?)?3\.?\d+|pypy-?(?:\d[\d.]*)?)(?=$|[-_])/, 'py')
}

function pytest(words: readonly string[]): PythonTest {
  const kept: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--') break
    if (!REPORTS.test(word)) kept.push(word)
    else if (WITH_VALUE.test(word)) at++
    // The word after `--cov` is the package to measure, unless it is a folder of tests.
    else if (word === '--cov' && /^[\w.]+$/.test(words[at + 1] ?? '') && !/test/i.test(words[at + 1] ?? ''))
      at++
  }
  const isNarrow = (word: string, at: number) =>
    (/::|\.py$/.test(word) && !word.startsWith('-')) ||
    // `--pyargs` with one module of a package.
    (kept[at - 1] === '--pyargs' && /^\w+(?:\.\w+)+$/.test(word) && !/\.tests?$/.test(word)) ||
    (/^-[mk]$/.test(word) && !/^not\b/.test(kept[at + 1] ?? ''))
  // Runs only examples in documentation, not the tests.
  const isDocs =
    kept.includes('--doctest-only') ||
    (kept.some((word) => /^--ignore=\S*\btests?\/?$/.test(word)) && kept.includes('--doctest-modules'))
  const isWhole = !kept.some(isNarrow) && !isDocs
  return { args: ['-m', 'pytest', ...kept].map(shellQuote).join(' '), module: 'pytest', isWhole }
}

function moduleRun(module: string, words: readonly string[]): PythonTest {
  const kept = words.filter((word) => !/^-[vq]+$|^--verbose$/.test(word))
  // unittest may get a file, a class or a single case.
  const isWhole =
    module !== 'unittest' || !kept.some((word) => /^\w[\w./-]*\.py$|^\w[\w.]*\.[A-Z]\w*/.test(word))
  return { args: ['-m', module, ...kept].map(shellQuote).join(' '), module, isWhole }
}

function ownProgram(words: readonly string[]): PythonTest | undefined {
  const [program = ''] = words
  const isKnown =
    OWN.test(program.endsWith('.py') ? program : `${program}.py`) ||
    (/(?:^|\/)manage\.py$/.test(program) && words[1] === 'test') ||
    (program === 'setup.py' && /^(?:test|pytest)$/.test(words[1] ?? ''))
  if (!isKnown || !/^[\w./-]+$/.test(program) || program.startsWith('/')) return undefined
  if (/^(?:type-?check|lint|mypy|format)$/.test(words[1] ?? '')) return undefined
  const args = [program.replace(/^\.\//, ''), ...words.slice(1)].filter(
    (word) => !/^-[vq]+$|^--verbosity(?:=\d)?$/.test(word),
  )
  // The program may get a folder or a single case.
  const isNarrow = args
    .slice(1)
    .some((word, at) => /^[\w.]+\/[\w./-]+$|::|^-k$/.test(word) && !/^--/.test(args[at] ?? ''))
  return { args: args.map(shellQuote).join(' '), module: '', isWhole: !isNarrow }
}
