import type { ChangedSides, PlacedLine } from '../change/settings-in-place.ts'
import { BUILD_LINES, DOTNET_PROJECT, type LineRule, PYTHON_SETTINGS } from './build-lines.ts'
import { LOOSENED_CHECKERS } from './loosened-checkers.ts'
import { createRunsAsMuch } from './runs-as-much.ts'

/** Matches files that do nothing but configure which tests run, and how. */
export const CHECK_FILE =
  /(?:^|\/)(?:\.github\/backspace\.ya?ml|tox\.ini|noxfile\.py|\.?pytest\.ini|\.mocharc\.\w+|\.taprc|(?:jest|vitest|playwright|ava|cypress|wdio)\.(?:config|conf)\.\w+|vitest\.workspace\.\w+|karma\.conf\.\w+|\.rspec|phpunit\.xml(?:\.dist)?|(?:\.config\/)?\.?nextest\.toml|CTestCustom\.cmake|behat\.ya?ml|codeception\.ya?ml|dart_test\.yaml)$/
export const MANIFEST = /(?:^|\/)(?:package|composer|deno)\.json$/
export const BUILD_FILE =
  /(?:^|\/)(?:GNUmakefile|[Mm]akefile|\.?[Jj]ustfile|Taskfile\.ya?ml|Rakefile|meson\.build)$/
/** Matches scripts that run checks. */
export const CHECK_SCRIPT =
  /(?:^|\/)(?!.*\/(?:snapshots|__snapshots__|fixtures|testdata)\/)(?:(?:[\w.-]*[._-])?(?:tests?|checks?|lint|ci|verify)(?:[._-][\w.-]*)?\.(?:sh|bash|ps1|cmd|bat)|run[-_]?tests?)$/i
const CI_FILE =
  /(?:^|\/)(?:\.gitlab-ci|\.travis|appveyor|\.?circle|azure-pipelines[\w-]*|bitbucket-pipelines|\.cirrus|\.drone|\.woodpecker|action|cloudbuild|buildspec)\.ya?ml$|(?:^|\/)(?:\.circleci|\.buildkite)\/|(?:^|\/)(?:Jenkinsfile|Dockerfile)/
const PRE_COMMIT = /(?:^|\/)\.pre-commit-config\.ya?ml$/

/**
 * Matches settings that decide which tests run. The other settings in these files name environments, packages
 * and texts.
 */
export const DECIDES =
  /\b(?:commands?(?:_pre|_post)?|pytest|unittest|ignore\w*|exclude\w*|include\w*|addopts|testpaths|skip\w*|only|changedir|xfail\w*|filterwarnings|norecursedirs|python_\w+|test\w*|spec\w*|pattern\w*|match\w*|passWithNoTests|bail|retr\w+|threshold\w*|setup\w*|global\w*|environment\w*|runner\w*|projects?|workspace|dir|root\w*|f?grep\w*|invert\w*|require|parallel|checks?|verify|suite|directory|file|session\w*|run|slow-timeout|default-filter|\w*snapshot\w*|onUnhandledError)\b/i
export const DECIDES_BY_FLAG =
  /\s-[kmt]\b|--(?:ignore|deselect|exclude|grep|filter|reruns|bail|only|update|tags?|failure-exit-code)\b/

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
    file: PYTHON_SETTINGS,
    line: /^\s*(?:addopts|testpaths|asyncio_mode|python_(?:files|classes|functions)|norecursedirs)\b/,
    sign: '+-',
  },
  { file: PYTHON_SETTINGS, line: /^\s*xfail_strict\s*=\s*false\b/i, sign: '+' },
  { file: PYTHON_SETTINGS, line: /^\s*xfail_strict\s*=\s*true\b/i, sign: 'fewer' },
  { file: PYTHON_SETTINGS, line: /\bfilterwarnings\b.{0,20}=?.{0,40}\berror\b/, sign: 'fewer' },
  { file: PRE_COMMIT, line: /\bid:\s*\S/, sign: 'fewer' },
  { file: /(?:^|\/)Cargo\.toml$/, line: /^\s*(?:test|harness|autotests|doctest)\s*=\s*false\b/, sign: '+-' },
  {
    file: DOTNET_PROJECT,
    line: /<Compile\s+Remove=|<IsTestProject>\s*false|<VSTestTestCaseFilter>/i,
    sign: '+',
  },
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
  return LOOSENED_CHECKERS.some((rule) => fits(rule, path, lines))
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
  const isReplaced = sign === '-' ? createRunsAsMuch(fresh.map(({ text }) => text.trim())) : () => false
  const [old, now] = [matching(stale).filter(({ text }) => !isReplaced(text.trim())), matching(fresh)]
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
  const left = new Set(items(now))
  const isKept = (item: string) =>
    left.has('ALL') || Array.from(item, (_, at) => item.slice(0, at + 1)).some((start) => left.has(start))
  return now.length > 0 && !items(old).every(isKept)
}
