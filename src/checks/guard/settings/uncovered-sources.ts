import { posix } from 'node:path'
import { linesNow } from '../change/around-line.ts'
import {
  type GuardedLine,
  type GuardFinding,
  indentOf,
  type ReadChange,
  type ReadFile,
} from '../change/guarded-change.ts'
import { placedLines } from '../change/settings-in-place.ts'
import { isSetup } from './rigged-runner.ts'

/** Matches comments that leave a line, a block or a file out of the coverage. */
const UNCOVERED =
  /\b(?:istanbul|c8|v8|node:coverage)\s+(?:ignore|disable)\b|#\s*pragma:?\s*no\s?(?:cover|branch)\b|@codeCoverageIgnore|coveralls?-ignore|\bLCOV_EXCL|\bGCOVR?_EXCL|:nocov:|\bcoverage\(off\)|\bcoverage:ignore\b|\bExcludeFromCodeCoverage\b|\btarpaulin::skip\b|\bexcoveralls-ignore\b/
const WHOLE_FILE =
  /\b(?:istanbul|c8|v8)\s+ignore\s+file\b|ignoreFile|#!\[.{0,40}coverage\(off\)|ignore-start|EXCL_START|@codeCoverageIgnoreStart/
/** Matches lines without a branch or a value, such as imports. */
const SAYS_NOTHING =
  /^\s*(?:import\s[\w.,\s]+|from\s+[\w.]+\s+import\s[\w.,\s()]+|pass|\.\.\.|if\s+(?:\w+\.)?TYPE_CHECKING:|raise NotImplementedError(?:\(\))?)?\s*$/
const COMMENT = /\s*(?:#|\/\/|\/\*).*$/
const CONFIGURES =
  /(?:^|\/)(?:package\.json|pyproject\.toml|setup\.cfg|tox\.ini|\.coveragerc|(?:jest|vitest|vite|karma)\.config\.\w+|\.nycrc(?:\.\w+)?|\.c8rc\.json|\.simplecov|codecov\.ya?ml|\.codecov\.ya?ml|phpunit\.xml(?:\.dist)?|coverlet\.runsettings|sonar-project\.properties)$/
const LEAVES_OUT = /omit|exclude|ignore|coveragePathIgnorePatterns|collectCoverageFrom/i
/** Matches the path of a folder or a source file. */
const NAMES_CODE = /[\w*]\/[\w*]|\w\.(?:py|[cm]?[jt]sx?|rb|php|go|rs|java|kt|cs|vue|svelte)\b/
const NO_SOURCE =
  /tests?\b|specs?\b|__\w+__|mocks?|fixtures?|venv|node_modules|site-packages|dist-packages|vendor|third.?party|\.d\.ts|types?\b|generated|_pb2|\.pb\.|migrations|examples?|docs?\b|benchmarks?|stories|storybook|\bdist\b|\bbuild\b|\blib\b|coverage|scripts?\b|config|setup|conftest|playground|https?:|!/i
/** Matches stems that many files have. */
const COMMON = /^(?:index|main|mod|lib|__init__|types?|utils?|setup|version)$/

/** Reports existing code that a change leaves out of the coverage (a reason), and new code (a note). */
export function uncoveredSources({ files }: ReadChange): readonly GuardFinding[] {
  const sources = files.flatMap(({ file, role, isTest }) =>
    role === 'source' && !isTest && !isSetup(file.path) && file.status !== 'deleted' ? [file.path] : [],
  )
  return files.flatMap((read): readonly GuardFinding[] => {
    if (read.file.status === 'deleted') return []
    const path = `\`${read.file.path}\``
    const reason = (what: string) => [{ text: `${path} ${what}`, weight: 'reason' }] as const
    if (leavesOut(read, sources)) return reason('leaves code out of the coverage')
    if (hidesOld(read)) return reason('takes code of before out of the coverage')
    return hidesNew(read)
      ? [{ text: `${path} leaves new code out of the coverage`, weight: 'note', isForReviewers: true }]
      : []
  })
}

function leavesOut(read: ReadFile, sources: readonly string[]): boolean {
  if (!CONFIGURES.test(read.file.path)) return false
  return placedLines(read).fresh.some(({ text, below }) => {
    const isCoverage = /cov|\brun\b|\breport\b/i.test(`${below} ${text} ${read.file.path}`)
    if (!isCoverage || !LEAVES_OUT.test(`${below} ${text}`)) return false
    return sources.some((path) => namesFile(text, path)) || (NAMES_CODE.test(text) && !NO_SOURCE.test(text))
  })
}

function namesFile(text: string, path: string): boolean {
  const name = posix.basename(path)
  return text.includes(path) || (!COMMON.test(name.replace(/\..*$/, '')) && text.includes(name))
}

function hidesNew({ role, isTest, added, removed }: ReadFile): boolean {
  const count = (lines: readonly string[]) => lines.filter((line) => UNCOVERED.test(line)).length
  return role === 'source' && !isTest && count(added) > count(removed)
}

function hidesOld({ file, role, isTest, hunks, added, removed }: ReadFile): boolean {
  if (role !== 'source' || isTest || file.status === 'added') return false
  const stale = new Set(removed.map((line) => line.trim()))
  const around = hunks.some((lines) => {
    const now = linesNow(lines)
    return now.some(({ sign, text }, at) => {
      if (sign !== '+' || !UNCOVERED.test(text) || stale.has(text.trim())) return false
      if (removed.some((line) => UNCOVERED.test(line))) return false
      const isAlone = text.replace(COMMENT, '').trim() === ''
      return isAlone ? WHOLE_FILE.test(text) && now[at + 1]?.sign !== '+' : false
    })
  })
  const isBehind = (line: string) =>
    UNCOVERED.test(line) &&
    stale.has(line.replace(COMMENT, '').trim()) &&
    !SAYS_NOTHING.test(line.replace(COMMENT, ''))
  if (around || !added.some(isBehind)) return around
  return hunks.some((lines) => {
    const now = linesNow(lines)
    return now.some(({ sign, text }, at) => sign === '+' && isBehind(text) && !isOfVersion(now, at))
  })
}

/** Matches a branch for some releases of Python. No release runs all branches, so no coverage counts them. */
const OF_VERSION = /^\s*(?:el)?if\s.{0,60}\bversion_info\s*[<>]=?\s*\(3,\s*\d{1,2}\)\s*:/
const MOST_ABOVE = 12

/** True for a line that decides on the release of Python, or in a branch of such a decision. */
function isOfVersion(lines: readonly GuardedLine[], at: number): boolean {
  let indent = indentOf(lines[at]?.text ?? '')
  let isElse = false
  for (let above = at; above >= 0 && at - above <= MOST_ABOVE; above--) {
    const text = lines[above]?.text ?? ''
    const isOpener = above === at || indentOf(text) < indent || (isElse && indentOf(text) === indent)
    if (text.trim() === '' || !isOpener || (isElse && !/^\s*(?:el)?if\b/.test(text))) continue
    if (OF_VERSION.test(text)) return true
    if (/^\s*else\s*:/.test(text)) isElse = true
    else if (above !== at) return false
    indent = indentOf(text)
  }
  return false
}
