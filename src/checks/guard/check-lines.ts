import { CHECKER_IGNORES, CHECKER_SETTINGS } from '../../text/checker-settings.ts'
import { BUILD_LINES, type LineRule } from './build-lines.ts'
import { runsAsMuch } from './runs-as-much.ts'
import type { ChangedSides, PlacedLine } from './settings-in-place.ts'

/** Matches files that do nothing but configure which tests run, and how. */
export const CHECK_FILE =
  /(?:^|\/)(?:\.github\/backspace\.ya?ml|tox\.ini|noxfile\.py|\.?pytest\.ini|\.mocharc\.\w+|\.taprc|(?:jest|vitest|playwright|ava|cypress|wdio)\.(?:config|conf)\.\w+|vitest\.workspace\.\w+|karma\.conf\.\w+|\.rspec|phpunit\.xml(?:\.dist)?|(?:\.config\/)?\.?nextest\.toml|CTestCustom\.cmake|behat\.ya?ml|codeception\.ya?ml)$/
export const MANIFEST = /(?:^|\/)(?:package|composer|deno)\.json$/
export const BUILD_FILE =
  /(?:^|\/)(?:GNUmakefile|[Mm]akefile|\.?[Jj]ustfile|Taskfile\.ya?ml|Rakefile|meson\.build)$/
/** Matches scripts that run checks. */
export const CHECK_SCRIPT =
  /(?:^|\/)(?!.*\/(?:snapshots|__snapshots__|fixtures|testdata)\/)(?:(?:[\w.-]*[._-])?(?:tests?|checks?|lint|ci|verify)(?:[._-][\w.-]*)?\.(?:sh|bash|ps1|cmd|bat)|run[-_]?tests?)$/i
const CI_FILE =
  /(?:^|\/)(?:\.gitlab-ci|\.travis|appveyor|\.?circle|azure-pipelines[\w-]*|bitbucket-pipelines|\.cirrus|\.drone|\.woodpecker|action|cloudbuild|buildspec)\.ya?ml$|(?:^|\/)(?:\.circleci|\.buildkite)\/|(?:^|\/)(?:Jenkinsfile|Dockerfile)/
const PYTHON = /(?:^|\/)(?:pyproject\.toml|setup\.cfg|tox\.ini|\.?pytest\.ini)$/
const DOTNET = /\.(?:[cf]sproj|vbproj|props|targets)$/
const PRE_COMMIT = /(?:^|\/)\.pre-commit-config\.ya?ml$/
const TS_CONFIG = /(?:^|\/)tsconfig[\w.-]*\.json$/
/** Matches files that list places which a checker skips. */
const SUPPRESSIONS = /(?:^|\/)(?:[\w.-]*suppressions?\.xml|spotbugs-?exclude\.xml)$/
/** Matches sections that configure a linter or a type checker in a file with other content. */
const LINTER_SECTION =
  /\btool\.(?:ruff|mypy|pylint|flake8|pyright|basedpyright|bandit)\b|^\[(?:flake8|mypy|pylint)|\blints?\b|\beslintConfig\b/

/**
 * Matches settings that decide which tests run. The other settings in these files name environments, packages
 * and texts.
 */
export const DECIDES =
  /\b(?:commands?(?:_pre|_post)?|pytest|unittest|ignore\w*|exclude\w*|include\w*|addopts|testpaths|skip\w*|only|changedir|xfail\w*|filterwarnings|norecursedirs|python_\w+|test\w*|spec\w*|pattern\w*|match\w*|passWithNoTests|bail|retr\w+|threshold\w*|setup\w*|global\w*|environment\w*|runner\w*|projects?|workspace|dir|root\w*|f?grep\w*|invert\w*|require|parallel|checks?|verify|suite|directory|file|session\w*|run|slow-timeout|default-filter)\b/i
export const DECIDES_BY_FLAG =
  /\s-[kmt]\b|--(?:ignore|deselect|exclude|grep|filter|reruns|bail|only|update|tags?)\b/

/** Matches names of scripts in a manifest that run checks. */
export const SCRIPT_NAME =
  /^(?:pre|post)?(?:tests?|unit|specs?|ci|lint|typecheck|type-check|types|check|coverage|verify|validate|e2e|integration|tsc|jest|vitest|mocha|eslint)(?:[:_-][\w:.-]+)?$/

/** Rules about lines that configure tests in files with other content. */
const CHECK_LINES: readonly LineRule[] = [
  ...BUILD_LINES,
  {
    file: MANIFEST,
    line: /"(?:testPathIgnorePatterns|testMatch|testRegex|collectCoverageFrom|modulePathIgnorePatterns|passWithNoTests)"/,
    sign: '+-',
  },
  {
    file: /(?:^|\/)vite\.config\.\w+$/,
    line: /\b(?:exclude|include|testNamePattern|passWithNoTests|setupFiles|globalSetup|retry)\b/,
    notBelow: /\b(?:optimizeDeps|build|server|resolve|plugins|coverage|worker|ssr)\b/,
    sign: '+',
  },
  {
    file: /(?:^|\/)(?:(?:vite|vitest|jest)\.config\.\w+|package\.json)$/,
    line: /\b(?:alias|moduleNameMapper)\b.{0,300}[:,]\s*['"`][^'"`]{0,200}(?:tests?|__mocks__|mocks?|fakes?|stubs?|fixtures?)[/.]/,
    sign: '+',
  },
  { file: /(?:^|\/)deno\.jsonc?$/, line: /"(?:exclude|include)"/, sign: '+-' },
  { file: /(?:^|\/)bunfig\.toml$/, line: /./, below: /\[test\]/, sign: '+-' },
  {
    file: PYTHON,
    line: /^\s*(?:addopts|testpaths|python_(?:files|classes|functions)|norecursedirs)\b/,
    sign: '+-',
  },
  { file: PYTHON, line: /^\s*xfail_strict\s*=\s*false\b/i, sign: '+' },
  { file: PYTHON, line: /^\s*xfail_strict\s*=\s*true\b/i, sign: 'fewer' },
  { file: PYTHON, line: /\bfilterwarnings\b.{0,20}=?.{0,40}\berror\b/, sign: 'fewer' },
  { file: PRE_COMMIT, line: /\bid:\s*\S/, sign: 'fewer' },
  { file: /(?:^|\/)Cargo\.toml$/, line: /^\s*(?:test|harness|autotests|doctest)\s*=\s*false\b/, sign: '+-' },
  { file: DOTNET, line: /<Compile\s+Remove=|<IsTestProject>\s*false|<VSTestTestCaseFilter>/i, sign: '+' },
  {
    file: BUILD_FILE,
    line: /^(?!\s*(?:#|\.PHONY)).*\b(?:test|check|pytest|jest|vitest|mocha|rspec|add_test|ctest|tox|phpunit|eslint|ruff|mypy|lint|clippy|go vet)\b/,
    sign: '-',
  },
  { file: BUILD_FILE, line: /^\.IGNORE\b/, sign: '+' },
  {
    file: CI_FILE,
    line: /^(?!\s*#).*\b(?:npm (?:run )?(?:test|lint|check)\S*|(?:pnpm|yarn|bun) \S*(?:test|lint|check)\S*|pytest|tox|(?:cargo|go|dotnet|mvn|gradle\w*|sbt|mix|swift) (?:test|vet|clippy|check|verify)|make (?:test|check|lint)\S*|jest|vitest|mocha|eslint|ruff|mypy|phpunit|rspec|ctest|tsc)\b/,
    sign: '-',
  },
  {
    file: CHECK_SCRIPT,
    line: /^(?!\s*#).*\b(?:test|check|pytest|jest|vitest|mocha|rspec|ctest|tox|phpunit|eslint|ruff|mypy|lint|clippy|vet|tsc)\b|^\s*set\s+-\w*e|\bpipefail\b/,
    sign: '-',
  },
  { file: CHECK_SCRIPT, line: /^\s*exit\s+0\s*$|^\s*trap\b.*\bexit 0\b/, sign: '+' },
]

/** Rules about settings that make fewer findings count as errors. */
const LOOSENS: readonly LineRule[] = [
  {
    file: /(?:^|\/)(?:pyproject\.toml|setup\.cfg|\.?mypy\.ini)$/,
    line: /^\s*follow_imports\s*=\s*["']?(?:skip|silent)\b/,
    sign: '+',
  },
  {
    file: /(?:^|\/)biome\.jsonc?$/,
    line: /"!{1,2}(?!(?:\*\*\/)?(?:dist|build|out|node_modules|coverage|generated|vendor|\.)\b)[^"]{0,200}\bsrc\//,
    sign: '+',
  },
  {
    file: TS_CONFIG,
    line: /"(?![^"]{0,100}(?:test|mock|fake|stub))[^"]{1,100}"\s*:\s*\[\s*"[^"]{0,200}(?:fakes?|mocks?|stubs?|tests?|shims?|doubles?|dummy)[/._-]/i,
    sign: '+',
  },
  {
    file: /(?:^|\/)(?:pyproject\.toml|setup\.cfg|\.?mypy\.ini)$/,
    line: /^\s*(?:files|packages)\s*=/,
    below: /\bmypy\b/,
    sign: 'items',
  },
  {
    file: /(?:^|\/)(?:\.?ruff\.toml|pyproject\.toml)$/,
    line: /^(?!.*(?:tests?|docs?|examples?|scripts?|benchmarks?|__init__|conftest|migrations)\b).*"ALL"/,
    below: /per-file-ignores/,
    sign: '+',
  },
  {
    file: TS_CONFIG,
    line: /"(?:strict\w*|no(?:Implicit|Unchecked|Unused|Fallthrough)\w*|checkJs|exactOptional\w*)"\s*:\s*false|"noCheck"\s*:\s*true|"noEmitOnError"\s*:\s*false|"(?:exclude|include|files)"/,
    sign: '+',
  },
  {
    file: TS_CONFIG,
    line: /"(?:strict\w*|no(?:Implicit|Unchecked|Unused)\w*|checkJs)"\s*:\s*true/,
    sign: '-',
  },
  {
    file: CHECKER_SETTINGS,
    line: /['"]?(?:off|warn|allow)['"]\s*[,\]}]?|:\s*(?:0|off)\s*(?:,|\}|$)|\bEnabled:\s*false\b|\bignore_errors\s*=\s*true|\bdisable(?:-all)?\s*[:=]|\blevel:\s*\d|"?typeCheckingMode"?\s*[:=]\s*"?(?:off|basic)|\berrorLevel\b|\bstrict\w*\s*[:=]\s*false|\bdisallow_\w+\s*=\s*false|(?:^|\{)\s*"?(?:ignores?|ignorePatterns|ignoreErrors|exclude[\w-]*|extend-exclude|extend-ignore|per-file-ignores|Exclude|skip[\w-]*)"?\s*[:=]/i,
    sign: '+',
  },
  {
    file: CHECKER_SETTINGS,
    line: /\brecommended\w*\b|\bconfigs\.|\bpreset\w*\b|\bextends\b|(?:^|["'\s])strict\w*["']?\s*[:=]\s*true/,
    sign: 'fewer',
  },
  {
    file: CHECKER_SETTINGS,
    line: /^\s*"?(?:select|extend-select|enable|plugins?)"?\s*[:=]\s*\[?.*\w/,
    sign: 'items',
  },
  { file: CHECKER_SETTINGS, line: /^\s*enable:\s*-\s*\w/, sign: 'fewer' },
  {
    file: /(?:^|\/)(?:pyproject\.toml|setup\.cfg|tox\.ini)$/,
    line: /^\s*(?:select|extend-select|enable)\s*=/,
    below: LINTER_SECTION,
    sign: 'items',
  },
  {
    file: /(?:^|\/)(?:pyproject\.toml|setup\.cfg|tox\.ini|\.?mypy\.ini|pyrightconfig\.json)$/,
    line: /\b(?:strict\w*|disallow_\w+|warn_\w+|check_untyped_defs|no_implicit_\w+)["']?\s*[:=]\s*["']?true\b/i,
    sign: 'fewer',
  },
  {
    file: DOTNET,
    line: /<(?:TreatWarningsAsErrors|RunAnalyzers\w*|EnforceCodeStyleInBuild|CodeAnalysisTreatWarningsAsErrors)>\s*false/i,
    sign: '+',
  },
  {
    file: DOTNET,
    line: /<(?:TreatWarningsAsErrors|EnforceCodeStyleInBuild|CodeAnalysisTreatWarningsAsErrors)>\s*true/i,
    sign: 'fewer',
  },
  { file: DOTNET, line: /<NoWarn>.*\b(?:CS8|CA)\d{2,}/i, sign: 'more' },
  { file: CHECKER_SETTINGS, line: /\bmessage:\s*["'][#~/^]?\.[*+]/, sign: '+' },
  {
    file: /(?:^|\/)\.golangci\.ya?ml$/,
    line: /^\s*(?:new-from-(?:rev|patch|merge-base)\s*:|new\s*:\s*true|max-(?:issues|same)[\w-]*\s*:)/,
    sign: '+',
  },
  { file: SUPPRESSIONS, line: /<suppress\b|<Match\b/, sign: 'more' },
  { file: CHECKER_IGNORES, line: /^\s*[^#\s!]/, sign: '+' },
  {
    file: /(?:^|\/)(?:pyproject\.toml|setup\.cfg|tox\.ini|Cargo\.toml|package\.json)$/,
    line: /\b(?:ignore\w*|exclude\w*|extend-ignore|extend-exclude|per-file-ignores|disable\w*|skip\w*)\b\s*=|\bstrict\s*=\s*false|\bdisallow_\w+\s*=\s*false|\bcheck_untyped_defs\s*=\s*false|["'](?:off|allow)["']/i,
    below: LINTER_SECTION,
    sign: '+',
  },
  { file: PYTHON, line: /^\s*(?:ignore_errors|disable_error_code)\s*=/, sign: '+' },
]

/**
 * True if the lines change what the checks run.
 *
 * @param path the path before the change.
 */
export function changesCheckLine(path: string, lines: ChangedSides, isNew = false): boolean {
  // A new project has no existing tests.
  if (isNew && /\.(?:[cf]s|vb)proj$/.test(path)) return false
  return CHECK_LINES.some((rule) => fits(rule, path, lines))
}

export function loosensCheckers(path: string, lines: ChangedSides): boolean {
  return LOOSENS.some((rule) => fits(rule, path, lines))
}

function fits({ file, line, below, notBelow, sign }: LineRule, path: string, lines: ChangedSides): boolean {
  if (!file.test(path)) return false
  const { fresh, stale } = lines
  const matching = (side: readonly PlacedLine[]) =>
    side.filter(
      (one) =>
        line.test(one.text) &&
        (below === undefined || below.test(one.below || sectionOf(path))) &&
        !notBelow?.test(one.below),
    )
  const isReplaced = ({ text }: PlacedLine) =>
    sign === '-' && fresh.some((one) => runsAsMuch(text.trim(), one.text.trim()))
  const [old, now] = [matching(stale).filter((one) => !isReplaced(one)), matching(fresh)]
  if (sign === 'fewer') return old.length > now.length
  if (sign === 'more') return now.length > old.length
  if (sign === 'items') return losesItem(old, now)
  return (sign !== '+' && old.length > 0) || (sign !== '-' && now.length > 0)
}

/** The section to assume if the diff shows none: in these files, most lists belong to a linter. */
function sectionOf(path: string): string {
  return /(?:^|\/)(?:pyproject\.toml|setup\.cfg)$/.test(path) ? '[tool.ruff]' : ''
}

/** True if a word of the values is gone. A prefix covers longer names: `E` covers `E501`. */
function losesItem(old: readonly PlacedLine[], now: readonly PlacedLine[]): boolean {
  const items = (lines: readonly PlacedLine[]) =>
    lines.flatMap(({ text }) => text.replace(/^[^=:[]*[=:[]/, '').match(/[\w-]{1,80}/g) ?? [])
  const left = items(now)
  return (
    now.length > 0 && items(old).some((item) => !left.some((one) => item.startsWith(one) || one === 'ALL'))
  )
}
