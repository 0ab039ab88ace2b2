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
import type { GuardFinding, ReadFile } from './guarded-change.ts'
import { lowersThresholds } from './lowered-thresholds.ts'
import { changesScripts } from './manifest-scripts.ts'
import { type PlacedLine, placedLines } from './settings-in-place.ts'

/** Runs on after a failure, as if there had been none. */
const LETS_FAIL =
  /\|\|\s*(?:true|:|exit 0|echo)\b|\|\|\s*:\s*$|;\s*(?:true|exit 0)\s*["']?\s*$|--exit-zero\b|--pass-?[wW]ith-?[nN]o-?[tT]ests\b|--no-verify\b|\bcontinue-on-error:\s*true|\ballow_failure:\s*true|\bset \+e\b|--suppress-tests-failures|--force-success|^\t-\s?\w/
const CHECKS_SOMETHING =
  /\b(?:test|tests|check|lint|jest|vitest|mocha|pytest|tox|tsc|eslint|ruff|mypy|ctest|clippy|phpunit|rspec|verify|coverage|typecheck)\b/i
const COMMENT = /^\s*(?:import\b|#|\/\/|;|<!--)/
/** Files whose lines set something to values. */
const HAS_KEYS = /\.(?:[cm]?[jt]s|jsonc?|toml|ini|ya?ml|cfg)$/
const RETRIES = /\bretr(?:y|ies)\b/

/** Edits of what is checked, and of what counts as a failure. */
export function checkSettings(read: ReadFile): readonly GuardFinding[] {
  const { file, isTest, removed, added } = read
  const { path, previousPath = path, status } = file
  const shown = `\`${path}\``
  const findings: GuardFinding[] = []
  const reason = (what: string, settledBy?: GuardFinding['settledBy']) =>
    findings.push({ text: `${shown} ${what}`, weight: 'reason', settledBy, path })
  const lines = placedLines(read)
  const isCheckFile = CHECK_FILE.test(path) || CHECK_FILE.test(previousPath)
  const isManifest = MANIFEST.test(path)
  // Without its manifest a project has no checks, and its tests are gone as well.
  if (status !== 'deleted' && ((isCheckFile && decides(lines, path)) || changesLines(read, lines)))
    reason('changes what the checks run', 'as_before')
  // What is new loosens nothing, and what is a part of tests says nothing of what ships.
  const isOfTests = isTest || /(?:^|\/)(?:examples?|benchmarks?|playground|__tests__)\//.test(path)
  if (!isOfTests && status !== 'added' && status !== 'deleted' && loosensCheckers(previousPath, lines))
    reason('lets less count as an error', 'as_before')
  const isScript = isManifest || BUILD_FILE.test(path) || CHECK_SCRIPT.test(path) || /\.ya?ml$/i.test(path)
  const letsFail = lines.fresh.some(({ text }) => LETS_FAIL.test(text) && CHECKS_SOMETHING.test(text))
  if (isScript && !isTest && letsFail) reason('runs on when a check fails')
  if (lowersThresholds(path, { removed, added })) reason('lowers what the checks demand')
  return findings
}

interface ChangedLines {
  readonly fresh: readonly PlacedLine[]
  readonly stale: readonly PlacedLine[]
}

function changesLines(read: ReadFile, lines: ChangedLines): boolean {
  const { path, previousPath = path } = read.file
  if (MANIFEST.test(path) && read.file.status !== 'added' && changesScripts(read)) return true
  // Benchmarks are no tests.
  const ofTests = (some: readonly PlacedLine[]) => some.filter(({ below }) => !/\[\[?bench\b/.test(below))
  return changesCheckLine(previousPath, { fresh: ofTests(lines.fresh), stale: ofTests(lines.stale) })
}

function decides({ fresh, stale }: ChangedLines, path: string): boolean {
  const [more, fewer] = [fresh, stale].map(repetitions)
  return [...fresh, ...stale].some((line) => {
    const { text, key, below } = line
    if (COMMENT.test(text) || /\bcoverage\b/.test(below)) return false
    if (RETRIES.test(key)) return (more ?? 0) > (fewer ?? 0)
    return DECIDES.test(HAS_KEYS.test(path) ? key : text) || DECIDES_BY_FLAG.test(text)
  })
}

/** The highest number of repetitions that a line asks for. */
function repetitions(lines: readonly PlacedLine[]): number {
  const counts = lines.flatMap(({ text, key }) =>
    RETRIES.test(key) ? (text.match(/\b\d{1,6}\b/g) ?? []) : [],
  )
  return Math.max(0, ...counts.map(Number))
}
