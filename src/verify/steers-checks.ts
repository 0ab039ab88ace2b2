import { posix } from 'node:path'
import { isTestFile } from '../checks/file-roles.ts'
import type { Project } from '../checks/project.ts'
import { isRecord } from '../text/is-record.ts'
import { changedLines, readDiff } from '../text/read-diff.ts'
import type { VerifiedFile } from './verified-file.ts'

/** Runners, linters, package managers and build tools read these by name, and they decide which tests run and what a failure is. */
const BY_NAME = new RegExp(
  [
    String.raw`(?:^|/)(?:vite|vitest|jest|playwright|ava|karma|wdio|cypress|web-test-runner)\.(?:config|conf)(?:\.\w+)*\.\w+$`,
    String.raw`(?:^|/)(?:vitest\.(?:workspace|projects)\.\w+|\.mocharc\.\w+|\.taprc|\.c8rc\.json|\.nycrc(?:\.\w+)?)$`,
    String.raw`(?:^|/)[\w.-]*(?:global[-.]?setup|setup[-.]?(?:tests?|files?)|(?:jest|vitest|tests?)[-.]setup)\.[cm]?[jt]sx?$`,
    String.raw`(?:^|/)(?:\.npmrc|\.yarnrc(?:\.yml)?|\.pnpmfile\.[cm]?js|bunfig\.toml|deno\.jsonc?|import_?map\.json|turbo\.json|nx\.json|project\.json|lerna\.json)$`,
    String.raw`(?:^|/)(?:babel\.config\.\w+|\.babelrc(?:\.\w+)?|\.swcrc|[tj]sconfig(?:\.[\w-]+)?\.json)$`,
    String.raw`(?:^|/)(?:conftest\.py|\.?pytest\.ini|tox\.ini|noxfile\.py|(?:site|user)customize\.py|[^/]+\.pth|tests?/__init__\.py)$`,
    String.raw`(?:^|/)(?:GNUmakefile|[Mm]akefile|[^/]+\.mk|\.?[Jj]ustfile|Taskfile\.ya?ml|Rakefile|[^/]+\.rake|magefile\.go)$`,
    String.raw`(?:^|/)(?:build\.rs|\.cargo/config(?:\.toml)?|\.?nextest\.toml|\.config/nextest\.toml|go\.work)$`,
    String.raw`(?:^|/)(?:\.mvn/.+|mvnw|gradlew|gradle/.+|gradle\.properties|settings\.gradle(?:\.kts)?|buildSrc/.+)$`,
    String.raw`(?:^|/)(?:phpunit\.xml(?:\.dist)?|pest\.php|Pest\.php|\.rspec|(?:spec|rails|test)_helper\.rb|test_helper\.exs|config/test\.exs|tests?/bootstrap\.php)$`,
    String.raw`(?:^|/)(?:junit-platform\.properties|META-INF/services/.+|[^/]+\.runsettings|xunit\.runner\.json|[Dd]irectory\.[Bb]uild\.(?:props|targets))$`,
    String.raw`(?:^|/)(?:\.?eslint(?:rc)?(?:\.config)?(?:\.\w+)*|\.(?:eslint|stylelint|oxlint)ignore|\.stylelintrc(?:\.\w+)?|biome\.jsonc?|\.oxlintrc\.json|\.?ruff\.toml|\.flake8|\.?pylintrc|\.?mypy\.ini|pyrightconfig\.json)$`,
    String.raw`(?:^|/)(?:\.rubocop(?:_todo)?\.yml|\.golangci\.(?:ya?ml|toml)|\.?clippy\.toml|\.?phpstan(?:\.\w+)*|psalm\.xml|phpcs\.xml(?:\.dist)?|\.swiftlint\.yml|\.clang-tidy|\.credo\.exs|detekt\.yml|checkstyle\.xml)$`,
    String.raw`(?:^|/)(?:\.venv|venv|node_modules|vendor/bin|\.turbo|\.nx|\.gradle)/.+`,
  ].join('|'),
)

/** Lines that decide it, in files with much else. */
const BY_LINE: readonly { readonly file: RegExp; readonly line: RegExp }[] = [
  {
    file: /(?:^|\/)(?:pyproject\.toml|setup\.cfg)$/,
    line: /\b(?:pytest|tox|nox|hatch|addopts|testpaths|python_(?:files|classes|functions)|norecursedirs|pythonpath|usefixtures|xfail_strict|filterwarnings|mypy|ruff|pylint|ignore\w*|exclude|extend-\w+|per-file-ignores|disable\w*|strict)\b/,
  },
  {
    file: /(?:^|\/)Cargo\.toml$/,
    line: /\b(?:test|tests|harness|autotests|runner|doctest|patch|path|lints?|allow)\b/,
  },
  { file: /(?:^|\/)go\.mod$/, line: /\b(?:replace|toolchain|tool)\b/ },
  { file: /_test\.go$/, line: /\bfunc\s+TestMain\s*\(/ },
  { file: /\.py$/, line: /\b(?:load_tests|TEST_RUNNER|pytest_plugins|def\s+pytest_\w+)\b/ },
  {
    file: /(?:^|\/)(?:pom\.xml|[^/]+\.gradle(?:\.kts)?)$/,
    line: /skip|ignore|[Tt]est|surefire|failsafe|exclude|include|filter|jvmArg|argLine|systemProp/,
  },
  { file: /(?:^|\/)(?:mix\.exs|composer\.json|build\.sbt|Gemfile)$/, line: /test|alias|script|rspec/i },
]

/** What of a manifest of Node has nothing to do with how its scripts run. */
const BESIDE_SCRIPTS =
  /^(?:(?:dev|peer|optional)?[dD]ependencies|version|description|keywords|author|license|files)$/

/** These say what is built as well. */
const OF_BUILDS =
  /(?:^|\/)(?:build\.rs|vite\.config\.\w+|babel\.config\.\w+|\.babelrc(?:\.\w+)?|\.swcrc|[tj]sconfig(?:\.[\w-]+)?\.json|deno\.jsonc?|import_?map\.json|go\.work|gradle\.properties|settings\.gradle(?:\.kts)?|buildSrc\/.+|[Dd]irectory\.[Bb]uild\.(?:props|targets))$/

/** A file of a change that decides how its checks run. */
export interface CheckSteering {
  readonly file: VerifiedFile
  /** True if it also says what is built: without the edit, nothing may build, which shows nothing. */
  readonly builds: boolean
}

/**
 * The files of a change that decide how its checks run: configuration of runners and build tools, scripts, what is loaded
 * before the tests.
 *
 * @param of.commands the checks.
 * @param of.project of the tree with the change.
 */
export async function steersChecks(
  files: readonly VerifiedFile[],
  { commands, project }: { readonly commands: readonly string[]; readonly project: Project },
): Promise<readonly CheckSteering[]> {
  const programs = await programsIn(commands, project)
  const isNamed = (path: string) => BY_NAME.test(path) || (programs.has(path) && !isTestFile(path))
  return files.flatMap((file): CheckSteering[] => {
    const paths = pathsOf(file)
    if (paths.some(isNamed)) return [{ file, builds: paths.every((path) => OF_BUILDS.test(path)) }]
    return changesLine(file) || changesScripts(file) ? [{ file, builds: !isTestFile(file.path) }] : []
  })
}

function pathsOf({ path, previousPath }: VerifiedFile): readonly string[] {
  return previousPath === undefined ? [path] : [path, previousPath]
}

/** Of each line; those of code are shorter. */
const MOST_CHARS = 500

function changesLine(file: VerifiedFile): boolean {
  const rules = BY_LINE.filter((rule) => pathsOf(file).some((path) => rule.file.test(path)))
  if (rules.length === 0) return false
  const read = readDiff(file.diff)
  const lines = [...changedLines(read, '+'), ...changedLines(read, '-')]
  return lines.some((text) => rules.some(({ line }) => line.test(text.slice(0, MOST_CHARS))))
}

function changesScripts(file: VerifiedFile): boolean {
  if (!pathsOf(file).some((path) => posix.basename(path) === 'package.json')) return false
  const [before, after] = [file.before, file.bytes].map(scriptsIn)
  return before !== after
}

/** What is left of a manifest, as text. */
function scriptsIn(bytes: Uint8Array | null | undefined): string {
  const parsed = parsedJson(new TextDecoder().decode(bytes ?? undefined))
  if (!isRecord(parsed)) return ''
  return JSON.stringify(Object.entries(parsed).filter(([key]) => !BESIDE_SCRIPTS.test(key)))
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Scripts that call scripts that call scripts. */
const MAX_TEXTS = 50

/** Paths that the checks name, and the scripts that these run. */
async function programsIn(commands: readonly string[], project: Project): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  const texts = new Set(commands)
  for (const text of texts) {
    const words = text.slice(0, MAX_COMMAND).split(/[^\w@./:+-]+/)
    const folders = [
      '',
      ...words.filter((_, at) => /^(?:cd|-C|--prefix|--cwd|--dir)$/.test(words[at - 1] ?? '')),
    ]
    for (const folder of folders) {
      for (const word of words) if (/[./]/.test(word)) found.add(posix.join(folder, word))
      const manifest = parsedJson((await project.read(posix.join(folder, 'package.json'))) ?? '')
      const scripts: unknown = isRecord(manifest) ? manifest.scripts : undefined
      if (!isRecord(scripts)) continue
      for (const word of words) {
        for (const name of [`pre${word}`, word, `post${word}`]) {
          const script = Object.hasOwn(scripts, name) ? scripts[name] : undefined
          if (typeof script !== 'string' || texts.size >= MAX_TEXTS) continue
          texts.add(folder === '' ? script : `cd ${folder} && ${script}`)
        }
      }
    }
  }
  return found
}

const MAX_COMMAND = 20_000
