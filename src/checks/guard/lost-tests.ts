import type { TestMarks } from '../test-marks.ts'
import { countWeakened, statementsIn } from '../weakened-assertions.ts'
import { asserts } from './empty-assertions.ts'
import { wordsIn } from './gone-names.ts'
import { countMatches, type GuardFinding, type ReadChange, type ReadFile } from './guarded-change.ts'
import { subjectOf } from './mocked-subject.ts'
import { removedTests } from './removed-tests.ts'
import { isInTable, isLikeAdded } from './replaced-tests.ts'

/** Parts of a removed test that are elsewhere now, from which on it was moved. */
const MOVED_FROM = 0.5

/**
 * Tests and assertions that a change takes away, file by file. A test that is elsewhere now, or one of code that the change
 * takes out as well, is not lost.
 *
 * @param gone names that the change takes out of the code.
 */
export function lostTests(change: ReadChange, gone: ReadonlySet<string>): readonly GuardFinding[] {
  const found = lostInFiles(change)
  return found.flatMap((file) => findingsOf(file, { change, gone }))
}

interface LostInFile {
  readonly read: ReadFile
  readonly marks: TestMarks
  /** Removed tests that are in no other place of the change, each with its lines. */
  readonly lost: readonly (readonly string[])[]
  /** Removed lines that belong to none of the tests that were removed as a whole. */
  readonly others: readonly string[]
}

function lostInFiles(change: ReadChange): readonly LostInFile[] {
  // Each added line takes the place of one that was removed.
  const left = new Map(change.addedInTests)
  return change.files.flatMap((read) => {
    const { marks, isTest, removed } = read
    if (marks === undefined || removed.length === 0 || isLayout(read)) return []
    if (!isTest && countMatches(removed, marks.test) === 0) return []
    const { tests, others } = removedTests(read, marks)
    return [{ read, marks, lost: tests.filter((lines) => !isMoved(lines, left)), others }]
  })
}

function isMoved(lines: readonly string[], left: Map<string, number>): boolean {
  const telling = lines.map((line) => line.trim()).filter((line) => /\w{2}/.test(line))
  const [first = ''] = telling
  const kept = telling.filter((line) => (left.get(line) ?? 0) > 0)
  const isElsewhere = kept.length / Math.max(1, telling.length) >= MOVED_FROM || kept.includes(first)
  if (isElsewhere) for (const line of kept) left.set(line, (left.get(line) ?? 0) - 1)
  return isElsewhere
}

function findingsOf(
  { read, marks, lost, others }: LostInFile,
  { change, gone }: { readonly change: ReadChange; readonly gone: ReadonlySet<string> },
): readonly GuardFinding[] {
  const { file, isTest, added } = read
  const path = `\`${file.path}\``
  const isExplained = (lines: readonly string[]) => lines.some((line) => mentions(line, gone))
  const goesWithSubject = file.status === 'deleted' && gone.has(subjectOf(file.path))
  const open = goesWithSubject ? [] : lost.filter((lines) => !isExplained(lines))
  const unexplained = open.filter((lines) => !isInTable(lines, { added, marks }))
  const explained = lost.length - open.length
  // One test takes the place of all that are in its table.
  const tables = unexplained.length < open.length ? 1 : 0
  const fresh = addedTests(read, { marks, change }) - tables
  const like = unexplained.filter((lines) => isLikeAdded(lines, { added, marks })).length
  const fewer = unexplained.length - Math.max(0, Math.min(fresh, like))
  const findings: GuardFinding[] = []
  if (explained > 0)
    findings.push({
      text: `${path} has ${tests(explained)} less, of code that this change takes out`,
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
      text: `${path} has other tests in the place of ${unexplained.length}`,
      weight: 'note',
      isForReviewers: true,
    })
  // A removed test takes its assertions along.
  if (isTest && file.status !== 'deleted' && fewer <= 0)
    findings.push(...lostAssertions({ path, marks, others, added, change, gone }))
  return findings
}

/** Tests of a file that no file had before. */
function addedTests(
  { added }: ReadFile,
  { marks, change }: { readonly marks: TestMarks; readonly change: ReadChange },
): number {
  return added.filter((line) => marks.test.test(line) && !change.removedInTests.has(line.trim())).length
}

function lostAssertions({
  path,
  marks,
  others,
  added,
  change,
  gone,
}: {
  readonly path: string
  readonly marks: TestMarks
  readonly others: readonly string[]
  readonly added: readonly string[]
  readonly change: ReadChange
  readonly gone: ReadonlySet<string>
}): readonly GuardFinding[] {
  const removed = others.filter((line) => !change.addedInTests.has(line.trim()))
  const weakened = countWeakened({ removed, added }, marks.assertion)
  const same = new Set([...change.addedInTests.keys()].map(squeezed))
  const lost = statementsIn(removed, marks.assertion).filter(
    (one) => marks.assertion.test(one) && !mentions(one, gone) && !same.has(squeezed(one)),
  )
  const fresh = added.filter((line) => asserts(line, marks) && !change.removedInTests.has(line.trim()))
  const fewer = lost.length - fresh.length
  const findings: GuardFinding[] = []
  if (weakened > 0)
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

/** Only line breaks, indentation and the kind of quotes differ. */
function isLayout({ removed, added }: ReadFile): boolean {
  const [old, now] = [removed, added].map((lines) =>
    lines
      .join('')
      .replace(/[\s;]+|,(?=\s*[)\]}])/g, '')
      .replaceAll("'", '"'),
  )
  return old === now
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, '')
}

function mentions(line: string, names: ReadonlySet<string>): boolean {
  return names.size > 0 && wordsIn(line).some((word) => names.has(word))
}

function tests(count: number): string {
  return count === 1 ? '1 test' : `${count} tests`
}

function assertions(count: number): string {
  return count === 1 ? '1 assertion' : `${count} assertions`
}
