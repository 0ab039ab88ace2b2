import { shellQuote } from '../../text/shell-quote.ts'
import {
  type CoverageAsk,
  calledAs,
  hasOption,
  hasOptionLike,
  type ReportFiles,
  type ReportWish,
  type Runner,
  withFiles,
} from './runner.ts'

/** pytest reads its options from PYTEST_ADDOPTS however it is started: by make, tox or a script. */
export function pytestReport({ path, coverage }: ReportFiles, args: readonly string[] = []): ReportWish {
  // Only the older family of the format names the files of tests.
  const own = `-p no:cacheprovider --junitxml=${path('pytest.xml')} -o junit_family=xunit1 -o junit_logging=no --continue-on-collection-errors`
  const report: ReportWish = {
    env: { PYTEST_ADDOPTS: own, TOX_OVERRIDE: 'testenv.pass_env+=PYTEST_ADDOPTS' },
    format: 'junit',
    source: { kind: 'files', pattern: path('pytest.xml') },
  }
  const options = coverage && coverageOptions(coverage, args)
  if (options === undefined) return report
  const file = path('pytest-coverage.xml')
  const env = {
    ...report.env,
    PYTEST_ADDOPTS: [own, ...options, `--cov-report=xml:${file}`].join(' '),
    TOX_OVERRIDE: 'testenv.pass_env+=PYTEST_ADDOPTS,COVERAGE_FILE',
  }
  const wish = { ...report, coverage: { format: 'xml', pattern: file, isOwn: options.length === 0 } } as const
  // The tool's data file must not be in the workspace, unless the repository itself measures coverage.
  return options.length === 0
    ? { ...wish, env }
    : { ...wish, env: { ...env, COVERAGE_FILE: path('pytest-coverage.data') } }
}

/** Options that measure the folders of changed files. Empty if the repository already measures; undefined if it has no tool. */
function coverageOptions(
  { root, files, tools }: CoverageAsk,
  args: readonly string[],
): readonly string[] | undefined {
  if (tools.has('pytest-cov in use') || hasOptionLike(args, '--cov')) return []
  const changed = files.filter((file) => file.endsWith('.py'))
  if (!tools.has('pytest-cov') || changed.length === 0 || args.includes('no:cov')) return undefined
  const folders = new Set(changed.map((file) => file.slice(0, Math.max(0, file.lastIndexOf('/')))))
  return [...folders].slice(0, MAX_FOLDERS).map((folder) => shellQuote(`--cov=${root}/${folder}`))
}

const MAX_FOLDERS = 20

/** Test files, without `conftest.py` and `__init__.py`, which other tests load. */
const TESTS = /(?:^|\/)(?!conftest\.py$|__init__\.py$)[^/]+\.py$/

export const PYTHON_RUNNERS: readonly Runner[] = [
  {
    match: calledAs('pytest py.test'),
    report: (args, place) =>
      hasOption(args, '--junitxml', '--junit-xml') ? undefined : pytestReport(place, args),
    files: TESTS,
    narrow: (args, { files, folder }) => withFiles(args, { files, folder, quoted: files.map(shellQuote) }),
  },
  {
    match: calledAs('unittest', 'discover'),
    report: unittestReport,
    files: TESTS,
    narrow(args, { files }) {
      // Discovery names modules from its start folder; a pattern keeps these names.
      const name = patternOf(files)
      if (name === undefined) return undefined
      const kept: string[] = []
      for (let at = 0; at < args.length; at++) {
        const { text = '', raw = '' } = args[at] ?? {}
        if (text === '-p' || text === '--pattern') at++
        else if (!/^(?:-p.+|--pattern=.*)$/.test(text)) kept.push(raw)
      }
      return [...kept, '-p', name]
    },
  },
  {
    match: calledAs('unittest'),
    report: unittestReport,
    files: TESTS,
    narrow(args, { files }) {
      // Without arguments, unittest discovers tests.
      const name = patternOf(files)
      return args.length > 0 || name === undefined ? undefined : ['discover', '-p', name]
    },
  },
  {
    // Django.
    match: ([name = '', second]) => (name === 'manage.py' && second === 'test' ? 2 : 0),
    report: (args) =>
      hasOption(args, '-v', '--verbosity')
        ? undefined
        : { add: ['--verbosity=2'], format: 'unittest', source: { kind: 'output' } },
    narrow(args, { files }) {
      // A label that names a module or a test runs it, whatever the pattern.
      const name = patternOf(files)
      const isPlain = args.every(({ text }) => text.startsWith('-') && !/^(?:-p|--pattern)/.test(text))
      return name === undefined || !isPlain ? undefined : [...args.map(({ raw }) => raw), '-p', name]
    },
  },
]

function unittestReport(args: readonly string[]): ReportWish {
  const add = hasOption(args, '-v', '--verbose') ? [] : ['-v']
  return { add, format: 'unittest', source: { kind: 'output' } }
}

/** The file name that all files share, since discovery takes one pattern; undefined if they differ. */
function patternOf(files: readonly string[]): string | undefined {
  const [name = '', ...others] = new Set(files.map((file) => file.slice(file.lastIndexOf('/') + 1)))
  return others.length === 0 && name.endsWith('.py') ? shellQuote(name) : undefined
}
