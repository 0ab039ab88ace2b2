import { CHECKER_IGNORES, CHECKER_SETTINGS } from '../../../text/checker-settings.ts'
import { DOTNET_PROJECT, JVM_BUILD, type LineRule, PYTHON_SETTINGS } from './build-lines.ts'

const TS_CONFIG = /(?:^|\/)tsconfig[\w.-]*\.json$/
/** Matches files that list places which a checker skips. */
const SUPPRESSIONS = /(?:^|\/)(?:[\w.-]*suppressions?\.xml|spotbugs-?exclude\.xml)$/
/** Matches sections that configure a linter or a type checker in a file with other content. */
const LINTER_SECTION =
  /\btool\.(?:ruff|mypy|pylint|flake8|pyright|basedpyright|bandit)\b|^\[(?:flake8|mypy|pylint)|\blints?\b|\beslintConfig\b/

/** Rules about settings that make fewer findings count as errors. */
export const LOOSENED_CHECKERS: readonly LineRule[] = [
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
    line: /['"]?(?:off|warn|allow)['"]\s*[,\]}]?|:\s*(?:0|off)\s*(?:,|\}|$)|\bEnabled:\s*false\b|\bignore_errors\s*=\s*true|\bdisable(?:-all)?\s*[:=]|\blevel:\s*\d|"?typeCheckingMode"?\s*[:=]\s*"?(?:off|basic)|\berrorLevel\b|\bstrict\w*\s*[:=]\s*false|\bdisallow_\w+\s*=\s*false|(?:^|\{)\s*"?(?:ignore[sd]?|ignorePatterns|ignoreErrors|exclude[\w-]*|extend-exclude|extend-ignore|per-file-ignores|Exclude|skip[\w-]*)"?\s*[:=]/i,
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
    file: DOTNET_PROJECT,
    line: /<(?:TreatWarningsAsErrors|RunAnalyzers\w*|EnforceCodeStyleInBuild|CodeAnalysisTreatWarningsAsErrors)>\s*false/i,
    sign: '+',
  },
  {
    file: DOTNET_PROJECT,
    line: /<(?:TreatWarningsAsErrors|EnforceCodeStyleInBuild|CodeAnalysisTreatWarningsAsErrors)>\s*true/i,
    sign: 'fewer',
  },
  { file: DOTNET_PROJECT, line: /<NoWarn>.*\b(?:CS8|CA)\d{2,}/i, sign: 'more' },
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
  { file: PYTHON_SETTINGS, line: /^\s*(?:ignore_errors|disable_error_code)\s*=/, sign: '+' },
  {
    file: JVM_BUILD,
    line: /-Werror\b|<failOnWarning>\s*true|\b(?:allWarningsAsErrors|warningsAsErrors|abortOnError|failOnViolation|failOnWarning)\b.{0,20}\btrue\b/,
    sign: 'fewer',
  },
  {
    file: JVM_BUILD,
    line: /\b(?:abortOnError|failOnViolation|allWarningsAsErrors|warningsAsErrors)\b.{0,20}\bfalse\b|-Xep:\w{1,80}:(?:OFF|WARN)\b/,
    sign: '+',
  },
  {
    file: /(?:^|\/)\.(?:editorconfig|globalconfig)$/,
    line: /\bdotnet_(?:analyzer_)?diagnostic\..{1,100}\bseverity\s*=\s*(?:none|silent|suggestion)\b/,
    sign: '+',
  },
  { file: TS_CONFIG, line: /"references"\s*:\s*\[.{0,2000}"path"/, sign: 'items' },
  { file: TS_CONFIG, line: /"path"\s*:/, below: /"references"/, sign: 'fewer' },
  {
    file: /(?:^|\/)\.editorconfig$/,
    line: /^\s*ktlint_[\w-]{1,100}\s*=\s*disabled\b/,
    sign: '+',
  },
  // A larger bundle is allowed.
  { file: /(?:^|\/)\.size-limit\.\w+$/, line: /\blimit\b/, sign: '+' },
  { file: /(?:^|\/)\.clang-tidy$/, line: /^\s*WarningsAsErrors:\s*["']?[^"'\s]/, sign: 'fewer' },
  { file: /(?:^|\/)analysis_options\.yaml$/, line: /^\s*\w{1,80}:\s*ignore\b/, sign: '+' },
  {
    file: /(?:^|\/)(?:CMakeLists\.txt|meson\.build|GNUmakefile|[Mm]akefile)$/,
    line: /-Werror(?![=\w-])|\bwerror=true\b/,
    sign: 'fewer',
  },
  { file: /(?:^|\/)mix\.exs$/, line: /\bwarnings_as_errors:\s*true\b|--warnings-as-errors\b/, sign: 'fewer' },
]
