import { shellQuote } from '../../../text/shell-quote.ts'

/** Variables of whole workflows or jobs without which tests may not run. */
const ENV =
  /^(?:PYTHONPATH|DJANGO_SETTINGS_MODULE|NODE_OPTIONS|NODE_ENV|TZ|LANG|LC_ALL|RAILS_ENV|RACK_ENV|APP_ENV|DATABASE_URL|DB_URL|TOXENV|NOXSESSION|CGO_ENABLED|GOFLAGS|GO111MODULE|GOEXPERIMENT|GOWORK|RUST_TEST_THREADS|GHCRTS)$/
/** Variables of single steps that do not count; all others do. In the last two, a sandbox names its proxy. */
const NO_ENV =
  /TOKEN|SECRET|PASS|KEY|CODECOV|COVERALLS|COVERAGE|GITHUB|^GH_|^CI$|COLOR|CACHE|^RUNNER|^PIP_|^PIPENV_|^PYPI|^GIT_|ENCODING|WARNINGS$|^VIRTUALENV|^TOX_|^NOX_?FORCE|^CARGO_|^npm_|^YARN_|^TURBO|^NX_|^DOCKER|^DEBIAN|VERBOSE|^UV_|^POETRY_|^DYLD|^LD_|^MACOSX_|HOMEBREW|^AWS|^BENCHMARK|^RUSTFLAGS|BACKTRACE|^TERM$|^PATH$|OUTPUT|SUMMARY|REPORT|UPLOAD|SLACK|SENTRY|^CC$|^CXX$|FLAGS$(?<!^GOFLAGS)|^MAKE|VERSION$|^(?:MAVEN|GRADLE)_OPTS$/i
/** A plain value, or addresses of SQLite databases. */
const PLAIN_VALUE =
  /^(?:(?!\/|.*:\/\/)[\w@%+=:,./ *-]{1,120}|sqlite3?(?:\+\w{1,20})?:[\w:/.-]{1,120}(?:,sqlite3?(?:\+\w{1,20})?:[\w:/.-]{1,120}){0,9})$/
/** A version of Python: the sandbox has its own. */
const OF_PYTHON = /^3\.\d{1,2}t?$/
/** A list of addresses of databases. */
const ADDRESSES =
  /^\s{0,9}[\w+]{1,40}:\/\/[^,]{1,200}(?:,\s{0,20}[\w+]{1,40}:\/\/[^,]{1,200}){1,20},?\s{0,9}$/
const EXPORT = /^export ([A-Za-z_]\w{0,60})=(?:"([^"$`\\]{1,200})"|'([^']{1,200})'|([^\s"'$`\\;&|]{1,200}))$/

/** Whether a variable of a whole workflow or job counts. */
export function isTelling(name: string): boolean {
  return ENV.test(name)
}

/** The variables of a step that its commands need, ready for a shell: `DJANGO_SETTINGS_MODULE=tests.settings`. */
export function plainVariables(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    name === 'MIX_ENV' ? [] : plainVariable(name, value),
  )
}

/** One variable ready for a shell; none if tests cannot need it, or if its value is only known in a run. */
export function plainVariable(name: string, value: string): readonly string[] {
  const said = ADDRESSES.test(value) ? ofSqlite(value) : value
  return !NO_ENV.test(name) && PLAIN_VALUE.test(said) && !OF_PYTHON.test(said)
    ? [`${name}=${shellQuote(said)}`]
    : []
}

/** The variable that a line such as `export A=b` of a script gives to the commands after it. */
export function exportedBy(line: string): readonly string[] {
  const [, name, double, single, bare] = EXPORT.exec(line) ?? []
  return name === undefined ? [] : plainVariable(name, double ?? single ?? bare ?? '')
}

/** The addresses of SQLite in a list: its databases are files and need no server. */
function ofSqlite(addresses: string): string {
  const all = addresses.split(',').map((one) => one.trim())
  return all.filter((one) => /^sqlite/.test(one)).join(',')
}
