import { OVERLOOKED } from '../../../text/checker-settings.ts'
import { countMatches, type GuardFinding, type ReadFile } from '../change/guarded-change.ts'
import { type ChangedSides, onDemand, type PlacedLine, placedLines } from '../change/settings-in-place.ts'
import {
  BUILD_FILE,
  CHECK_FILE,
  CHECK_SCRIPT,
  changesCheckLine,
  DECIDES,
  DECIDES_BY_FLAG,
  loosensCheckers,
  MANIFEST,
} from './check-lines.ts'
import { putsChecksBehind } from './conditional-checks.ts'
import { lowersThresholds } from './lowered-thresholds.ts'
import { changesScripts } from './manifest-scripts.ts'
import { createRunsAsMuch } from './runs-as-much.ts'

/** Matches commands that continue after a failure as if they had succeeded. */
const LETS_FAIL =
  /\|\|\s*(?:true|:|exit 0|echo)\b|\|\|\s*:\s*$|;\s*(?:true|exit 0)\s*["']?\s*$|--exit-zero\b|--pass-?[wW]ith-?[nN]o-?[tT]ests\b|--no-verify\b|\bcontinue-on-error:\s*true|\ballow_failure:\s*true|\bset \+e\b|\.run\(.{1,200}\bwarn\s*=\s*True\b|--suppress-tests-failures|--force-success|^\t-\s?\w/
/** Matches settings that let a job or a step of CI fail; its command is on another line. */
const LETS_STEP_FAIL =
  /^\s*(?:-\s*)?(?:continue-on-error|allow_failure|soft_fail|continueOnError|ignore_error):\s*true\b|\.fail_on_error\s*=\s*false\b|\bhalton(?:failure|error)="(?:no|false|off)"|\bfailonerror="(?:no|false|off)"/
const CHECKS_SOMETHING =
  /\b(?:test|tests|check|lint|jest|vitest|mocha|pytest|tox|tsc|eslint|ruff|mypy|ctest|clippy|phpunit|rspec|verify|coverage|typecheck)\b/i
const RUNS_TASKS = /\.ya?ml$|(?:^|\/)(?:build\.xml|tasks\.py)$/i
const COMMENT = /^\s*(?:import\b|#|\/\/|;|<!--)/
/** Matches files with one key and its values per line. */
const HAS_KEYS = /\.(?:[cm]?[jt]s|jsonc?|toml|ini|ya?ml|cfg)$/
/** Matches files whose commands a shell, make or CMake runs one by one. */
const HOLDS_COMMANDS = /(?:^|\/)(?:CMakeLists\.txt|GNUmakefile|[Mm]akefile)$|\.(?:sh|bash|mk|cmake)$/
const RETRIES = /\bretr(?:y|ies)\b/

/** Matches baselines: lists of known findings that a checker no longer reports. */
const BASELINE =
  /(?:^|\/)(?:[\w.-]*baseline[\w.-]*\.(?:neon|xml|json|toml|ya?ml|php|txt)|eslint-suppressions\.json)$/
const KNOWN_FINDING = /^\s*(?:-\s*)?(?:message:|<code\b|<ID>|"count"|"code":\s*"report|\[\[)/

/** Reports edits that change what is checked or what counts as a failure. */
export function checkSettings(read: ReadFile): readonly GuardFinding[] {
  const { file, isTest, removed, added } = read
  const { path, previousPath = path, status } = file
  // Nothing runs the checks of an installed package.
  if (/(?:^|\/)node_modules\//.test(path)) return []
  const shown = `\`${path}\``
  const findings: GuardFinding[] = []
  const reason = (what: string, settledBy?: GuardFinding['settledBy']) =>
    findings.push({ text: `${shown} ${what}`, weight: 'reason', settledBy, path })
  const lines = placedLines(read)
  const isCheckFile = CHECK_FILE.test(path) || CHECK_FILE.test(previousPath)
  const isManifest = MANIFEST.test(path)
  // A project whose manifest is deleted has no checks, and its tests are gone as well. Files beside the
  // product matter less.
  const isBeside = /(?:^|\/)(?:examples?|benchmarks?|playground|website|docs?)\//.test(path)
  if (
    status !== 'deleted' &&
    !isBeside &&
    ((isCheckFile && decides(read, lines)) ||
      changesLines(read, lines) ||
      (HOLDS_COMMANDS.test(path) && putsChecksBehind(read)))
  )
    reason('changes what the checks run', 'as_before')
  // A new file loosens nothing, and settings for tests do not affect what ships.
  const isOfTests = isTest || /(?:^|\/)(?:examples?|benchmarks?|playground|__tests__)\//.test(path)
  const overlooks = OVERLOOKED.test(path) && lines.fresh.some(({ text }) => /^\s*[^#\s]/.test(text))
  if (
    overlooks ||
    (!isOfTests && status !== 'added' && status !== 'deleted' && loosensCheckers(previousPath, lines))
  )
    reason('lets less count as an error', 'as_before')
  const isScript = isManifest || BUILD_FILE.test(path) || CHECK_SCRIPT.test(path) || RUNS_TASKS.test(path)
  const letsFail = ({ text }: PlacedLine) =>
    (LETS_FAIL.test(text) && CHECKS_SOMETHING.test(text)) || LETS_STEP_FAIL.test(text)
  if (isScript && (!isTest || path.startsWith('.github/')) && lines.fresh.some(letsFail))
    reason('runs on when a check fails')
  // People add false positives to a baseline daily, and no run can tell these from real findings.
  if (BASELINE.test(path) && countMatches(added, KNOWN_FINDING) > countMatches(removed, KNOWN_FINDING))
    findings.push({ text: `${shown} lets a checker leave more of what it finds unsaid`, weight: 'note' })
  if (lowersThresholds(path, { removed, added })) reason('lowers what the checks demand')
  return findings
}

function changesLines(read: ReadFile, lines: ChangedSides): boolean {
  const { path, previousPath = path } = read.file
  if (MANIFEST.test(path) && read.file.status !== 'added' && changesScripts(read)) return true
  // Benchmarks are not tests.
  const ofTests = (some: readonly PlacedLine[]) => some.filter(({ below }) => !/\[\[?bench\b/.test(below))
  const wanted = onDemand({ fresh: () => ofTests(lines.fresh), stale: () => ofTests(lines.stale) })
  return changesCheckLine(previousPath, wanted, read.file.status === 'added')
}

/** Matches keys of tox that decide which tests run. The other keys say what is installed, and where. */
const TOX_DECIDES =
  /^(?:ignore_outcome|ignore_errors|changedir|addopts|testpaths|python_\w+|norecursedirs|xfail_strict|filterwarnings)\b/
const IS_COMMAND = /^commands(?:_pre|_post)?\b|^\s*(?:[\w{},-]{1,60}:\s*)?(?:commands(?:_pre|_post)?\s*=)/
/** Matches keys of lists whose entries are checked, so that a longer list checks more. */
const TRIED =
  /^["']?(?:include|projects?|workspace|testMatch|roots|specs?|testpaths|python_files|forceRerunTriggers)["']?$/

function decides({ file }: ReadFile, { fresh, stale }: ChangedSides): boolean {
  const { path } = file
  const [more, fewer] = [fresh, stale].map(repetitions)
  const isTox = /(?:^|\/)tox\.ini$/.test(path)
  if (isTox && losesCommand(file, { fresh, stale })) return true
  const before = { lines: new Set(stale.map(({ text }) => text)), keys: new Set(stale.flatMap(keysOf)) }
  const triesMore = tried({ fresh, stale })
  return [...fresh, ...stale].some((line) => {
    const { text, key, below } = line
    if (COMMENT.test(text) || /\bcoverage\b/.test(below)) return false
    if (isTox) return TOX_DECIDES.test(key.trim())
    if (TRIED.test(key.trim()) && triesMore(key)) return false
    if (RETRIES.test(key) && (more ?? 0) > (fewer ?? 0)) return true
    if (RETRIES.test(key) && !key.includes('{')) return false
    return (
      DECIDES.test(HAS_KEYS.test(path) ? `${nameOf(key)} ${newKeys(line, before)}` : text) ||
      DECIDES_BY_FLAG.test(text)
    )
  })
}

/** True if a command that checks is gone and no other command in the file does its work. */
function losesCommand(file: ReadFile['file'], { fresh, stale }: ChangedSides): boolean {
  const command = ({ text }: PlacedLine) =>
    text.replace(/^\s*commands(?:_pre|_post)?\s*=\s*/, '').replace(/^\s*[\w{},!-]{1,60}:\s+/, '')
  const commands = (lines: readonly PlacedLine[]) =>
    lines.filter(({ text, key }) => IS_COMMAND.test(key.trim()) || IS_COMMAND.test(text)).map(command)
  const now = file.bytes ? Buffer.from(file.bytes).toString('utf8').split('\n').slice(0, MOST_LINES) : []
  const left = [...commands(fresh), ...now.map((text) => command({ text, key: '', below: '' }))]
  const gone = commands(stale)
    .filter((one) => CHECKS_SOMETHING.test(one))
    .slice(0, MOST_COMMANDS)
  if (commands(fresh).some((one) => /^-\s/.test(one) && CHECKS_SOMETHING.test(one))) return true
  const runsAsMuch = createRunsAsMuch(left)
  return gone.some((one) => !runsAsMuch(one))
}

const MOST_LINES = 1000
const MOST_COMMANDS = 50

function keysOf({ text }: PlacedLine): readonly string[] {
  return text.match(/\b\w{1,60}(?=\s*:)/g) ?? []
}

/** The key of a line. Empty for retries, where the keys in braces on the same line say what it sets. */
function nameOf(key: string): string {
  return RETRIES.test(key) ? '' : key
}

/** The keys in braces on one line that no line had before, separated by spaces. */
function newKeys(
  line: PlacedLine,
  before: { readonly lines: ReadonlySet<string>; readonly keys: ReadonlySet<string> },
): string {
  if (!line.text.includes('{') || before.lines.has(line.text)) return ''
  return keysOf(line)
    .slice(1)
    .filter((key) => !before.keys.has(key))
    .join(' ')
}

/** Answers for the key of a list whether all its earlier entries are still in it. */
function tried({ fresh, stale }: ChangedSides): (key: string) => boolean {
  const values = (lines: readonly PlacedLine[] = []) =>
    lines.flatMap(({ text }) => text.match(/["'][^"']{1,200}["']/g) ?? [])
  const now = Map.groupBy(fresh, ({ key }) => key)
  const before = Map.groupBy(stale, ({ key }) => key)
  const known = new Map<string, boolean>()
  return (key) => {
    const old = known.has(key) ? [] : values(before.get(key))
    const isMore =
      known.get(key) ?? (old.length > 0 && new Set(old).isSubsetOf(new Set(values(now.get(key)))))
    known.set(key, isMore)
    return isMore
  }
}

/** The highest number of repetitions that a line asks for. */
function repetitions(lines: readonly PlacedLine[]): number {
  const counts = lines.flatMap(({ text, key }) =>
    RETRIES.test(key) ? (text.match(/\b\d{1,6}\b/g) ?? []) : [],
  )
  return Math.max(0, ...counts.map(Number))
}
