import { breathe } from '../../../time/breathe.ts'
import { bareCode } from '../../same-assertions.ts'
import type { TestMarks } from '../../test-marks.ts'
import { countWeakened, isComment, statementsIn } from '../../weakened-assertions.ts'
import { asserts } from '../assertions/empty-assertions.ts'
import { isUsedAnyway, withoutMerged } from '../assertions/kept-assertions.ts'
import { subjectOf } from '../assertions/mocked-subject.ts'
import { isOfGoneProject, mentions, withoutResultsOfGone } from '../change/gone-names.ts'
import {
  countMatches,
  type GuardFinding,
  type ReadChange,
  type ReadFile,
  touchesCode,
} from '../change/guarded-change.ts'
import { removedTests, testName, wasOff } from './removed-tests.ts'
import { isRepeated } from './repeated-tests.ts'
import { type AddedTests, isInTable, isLikeAdded, readAdded } from './replaced-tests.ts'

/** A removed test counts as moved if at least this part of its lines is elsewhere in the change. */
const MOVED_FROM = 0.5

/**
 * Reports tests and assertions that a change removes, file by file. Those that moved, or that tested removed
 * code, do not count.
 *
 * @param gone names that the change removes from the code.
 */
export async function lostTests(
  change: ReadChange,
  gone: ReadonlySet<string>,
): Promise<readonly GuardFinding[]> {
  // If no code changes, a removed assertion can only hide something if a test passes now that failed before.
  const settledBy = touchesCode(change) ? undefined : 'tests_alone'
  const findings: GuardFinding[] = []
  for (const file of lostInFiles(change)) {
    findings.push(...(await findingsOf(file, { change, gone })))
    await breathe()
  }
  return findings.map((finding) =>
    finding.weight === 'reason' && OF_ASSERTIONS.test(finding.text) ? { ...finding, settledBy } : finding,
  )
}

const OF_ASSERTIONS = /\bassertions? than (?:before|can)\b|\bweakens \d|\bassert less than\b/

interface LostInFile {
  readonly read: ReadFile
  readonly marks: TestMarks
  readonly fresh: AddedTests
  /** Removed tests that are not elsewhere in the change, each with its lines. */
  readonly lost: readonly (readonly string[])[]
  /** Removed lines that do not belong to a test that was removed as a whole. */
  readonly others: readonly string[]
}

function lostInFiles(change: ReadChange): readonly LostInFile[] {
  // Each added line replaces one removed line.
  const left = new Map(change.addedInTests)
  return change.files.flatMap((read) => {
    const { marks, isTest, removed } = read
    if (marks === undefined || removed.length === 0 || isLayout(read)) return []
    if (!isTest && countMatches(removed, marks.test) === 0) return []
    const { tests, others } = removedTests(read, marks)
    const names = namesOfAdded(read, marks)
    const fresh = readAdded(read.added, marks)
    const lost = tests.filter(
      (lines) => !isMoved(lines, left, marks) && !wasOff(lines, marks) && !isRepeated(lines, read, marks),
    )
    // A test that keeps its name in the same file is the same test, so its assertions are compared.
    const isKept = (lines: readonly string[]) =>
      names.has(testName(lines, marks) ?? '') && !isInTable(lines, fresh)
    return [
      {
        read,
        marks,
        fresh,
        lost: lost.filter((lines) => !isKept(lines)),
        others: [...others, ...lost.filter(isKept).flat()],
      },
    ]
  })
}

/** The names of tests in added lines, including tests defined through a wrapper function of the file. */
function namesOfAdded({ added }: ReadFile, marks: TestMarks): ReadonlySet<string> {
  const wraps = added.findIndex((line) => /\bfunction\s+\w+\(|\bconst\s+\w+\s*=/.test(line))
  const wrapper = /\b(?:function|const)\s+(\w+)/.exec(added[wraps] ?? '')?.[1]
  const isWrapper = added.slice(wraps + 1, wraps + 4).some((line) => marks.test.test(line))
  const calls = wrapper !== undefined && isWrapper ? new RegExp(`^\\s*${wrapper}\\(`) : undefined
  return new Set(
    added.flatMap((line, at) => {
      if (!marks.test.test(line) && calls?.test(line) !== true) return []
      return testName(added.slice(at, at + 8), marks) ?? []
    }),
  )
}

function isMoved(lines: readonly string[], left: Map<string, number>, { test }: TestMarks): boolean {
  const telling = lines.map((line) => line.trim()).filter((line) => /\w{2}/.test(line))
  // An attribute alone tells no test from another.
  const first =
    telling.find((line) => !test.test(line) || /["'`(]\S|\b(?:def|fn|func|fun)\b/.test(line)) ?? ''
  const kept = telling.filter((line) => (left.get(line) ?? 0) > 0)
  const isElsewhere = kept.length / Math.max(1, telling.length) >= MOVED_FROM || kept.includes(first)
  if (isElsewhere) for (const line of kept) left.set(line, (left.get(line) ?? 0) - 1)
  return isElsewhere
}

async function findingsOf(
  { read, marks, fresh, lost, others }: LostInFile,
  { change, gone }: { readonly change: ReadChange; readonly gone: ReadonlySet<string> },
): Promise<readonly GuardFinding[]> {
  const { file, isTest, added } = read
  const path = `\`${file.path}\``
  const isExplained = (lines: readonly string[]) => lines.some((line) => mentions(line, gone))
  const goesWithSubject =
    file.status === 'deleted' && (gone.has(subjectOf(file.path)) || isOfGoneProject(file.path, change))
  const open = goesWithSubject ? [] : lost.filter((lines) => !isExplained(lines))
  const unexplained = open.filter((lines) => !isInTable(lines, fresh))
  const explained = lost.length - open.length
  // One test with a table replaces all tests that are now its cases.
  const tables = unexplained.length < open.length ? 1 : 0
  const more = addedTests(read, { marks, change }) - tables
  const like = unexplained.filter((lines) => isLikeAdded(lines, fresh)).length
  const fewer = unexplained.length - Math.max(0, Math.min(more, like))
  const findings: GuardFinding[] = []
  if (explained > 0)
    findings.push({
      text: `${path} loses ${tests(explained)} of code that this change takes out`,
      weight: 'note',
      isForReviewers: true,
    })
  if (fewer > 0 && file.status === 'deleted')
    findings.push({ text: `${path} is a test that was deleted`, weight: 'reason' })
  else if (fewer > 0)
    findings.push({
      text: `${path} has ${fewer} fewer ${fewer === 1 ? 'test' : 'tests'} than before`,
      weight: 'reason',
    })
  else if (
    countMatches(unexplained.flat(), marks.assertion) > added.filter((line) => asserts(line, marks)).length
  )
    findings.push({ text: `${path} has other tests that assert less than those of before`, weight: 'reason' })
  else if (unexplained.length > 0)
    findings.push({
      text: `${path} has other tests in the place of ${tests(unexplained.length)} of before`,
      weight: 'note',
      isForReviewers: true,
    })
  // The assertions of a removed test are not reported again.
  if (isTest && file.status !== 'deleted' && fewer <= 0)
    findings.push(...(await lostAssertions({ read, path, marks, others, change, gone })))
  return findings
}

/** The number of added tests that no file had before. */
function addedTests(
  { added }: ReadFile,
  { marks, change }: { readonly marks: TestMarks; readonly change: ReadChange },
): number {
  return added.filter((line, at) => {
    if (!marks.test.test(line)) return false
    // If an attribute begins a test, the name is on a later line.
    const isAttribute = /^\s*(?:@|#\[|\[)/.test(line)
    const name = isAttribute
      ? added.slice(at + 1, at + 8).find((one) => !/^\s*(?:@|#|\[|\/)/.test(one))
      : line
    return !change.removedInTests.has((name ?? line).trim())
  }).length
}

async function lostAssertions({
  read: { added, hunks },
  path,
  marks,
  others,
  change,
  gone,
}: {
  readonly read: ReadFile
  readonly path: string
  readonly marks: TestMarks
  readonly others: readonly string[]
  readonly change: ReadChange
  readonly gone: ReadonlySet<string>
}): Promise<readonly GuardFinding[]> {
  const removed = others.filter((line) => !change.addedInTests.has(line.trim()) && !isComment(line))
  const weakened = countWeakened({ removed, added }, marks.assertion)
  await breathe()
  const now = statementsIn(added, marks.assertion)
  const fresh = now.filter((one) => asserts(one, marks) && !change.removedInTests.has(one.trim()))
  const same = new Set([...change.addedInTests.keys(), ...now].map(bareCode))
  const lost = statementsIn(withoutResultsOfGone(removed, gone), marks.assertion).filter(
    (one) =>
      marks.assertion.test(one) &&
      !mentions(one, gone) &&
      !same.has(bareCode(one)) &&
      !isUsedAnyway(one, hunks),
  )
  await breathe()
  const open = withoutMerged(lost, fresh, others)
  const fewer = open.lost.length - open.fresh.length
  const findings: GuardFinding[] = []
  if (weakened === undefined)
    findings.push({ text: `${path} edits more assertions than can be compared`, weight: 'reason' })
  else if (weakened > 0)
    findings.push({
      text: `${path} weakens ${assertions(weakened)}: more results satisfy ${weakened === 1 ? 'it' : 'them'} than before`,
      weight: 'reason',
    })
  if (fewer > 0)
    findings.push({
      text: `${path} has ${fewer} fewer ${fewer === 1 ? 'assertion' : 'assertions'} than before`,
      weight: 'reason',
    })
  return findings
}

/** True if only line breaks, indentation and the kind of quotes differ. */
function isLayout({ removed, added }: ReadFile): boolean {
  const [old, now] = [removed, added].map((lines) =>
    lines
      .join('')
      .replace(/[\s;]+|,(?=\s*[)\]}])/g, '')
      .replaceAll("'", '"'),
  )
  return old === now
}

function tests(count: number): string {
  return count === 1 ? '1 test' : `${count} tests`
}

function assertions(count: number): string {
  return count === 1 ? '1 assertion' : `${count} assertions`
}
