import { breathe } from '../time/breathe.ts'
import { isDebris } from './file-roles.ts'
import { acceptedResults } from './guard/accepted-results.ts'
import { bypassedAssertions } from './guard/bypassed-assertions.ts'
import { withinLimit } from './guard/change-limit.ts'
import { checkSettings } from './guard/check-settings.ts'
import { closedClasses } from './guard/closed-classes.ts'
import { comparedOnly } from './guard/compared-only.ts'
import { detachedAssertions } from './guard/detached-assertions.ts'
import { easierInputs } from './guard/easier-inputs.ts'
import { expectedFromActual } from './guard/expected-from-actual.ts'
import { fakedAnswers } from './guard/faked-answers.ts'
import { goneNames } from './guard/gone-names.ts'
import {
  type GuardedFile,
  type GuardFinding,
  joinFiles,
  ofKeptTests,
  type ReadChange,
  type ReadFile,
  readFile,
} from './guard/guarded-change.ts'
import { hardCoded } from './guard/hard-coded.ts'
import { hiddenTests } from './guard/hidden-tests.ts'
import { withInlineTests } from './guard/inline-tests.ts'
import { longerWaits } from './guard/longer-waits.ts'
import { lookalikes } from './guard/lookalikes.ts'
import { loosenedHelpers } from './guard/loosened-helpers.ts'
import { looserEquality } from './guard/looser-equality.ts'
import { lostCases } from './guard/lost-cases.ts'
import { lostData } from './guard/lost-data.ts'
import { lostExamples } from './guard/lost-examples.ts'
import { lostStrictness } from './guard/lost-strictness.ts'
import { lostTests } from './guard/lost-tests.ts'
import { lostTypes } from './guard/lost-types.ts'
import { mockedSubject } from './guard/mocked-subject.ts'
import { movedTests } from './guard/moved-tests.ts'
import { narrowedCases } from './guard/narrowed-cases.ts'
import { newModules } from './guard/new-modules.ts'
import { noticingSources } from './guard/noticing-sources.ts'
import { otherObjects } from './guard/other-objects.ts'
import { otherSubjects } from './guard/other-subjects.ts'
import { ownAssertions } from './guard/own-assertions.ts'
import { pretendingSources } from './guard/pretending-sources.ts'
import { replacedCases } from './guard/replaced-cases.ts'
import { rewrittenExpectations } from './guard/rewritten-expectations.ts'
import { riggedRunner } from './guard/rigged-runner.ts'
import { riggedTests } from './guard/rigged-tests.ts'
import { shadowedTests } from './guard/shadowed-tests.ts'
import { silencedCheckers } from './guard/silenced-checkers.ts'
import { skippedTests } from './guard/skipped-tests.ts'
import { swallowedFailures } from './guard/swallowed-failures.ts'
import { swappedSubjects } from './guard/swapped-subject.ts'
import { taggedOut } from './guard/tagged-out.ts'
import { toldAnswers } from './guard/told-answers.ts'
import { unaskedFailures } from './guard/unasked-failures.ts'
import { uncoveredSources } from './guard/uncovered-sources.ts'
import { unwaitedAssertions } from './guard/unwaited-assertions.ts'
import { lockFileProblems } from './lock-files.ts'

const LEFTOVER =
  /^\s*(?:debugger\s*;?\s*$|breakpoint\(\)|i?pdb\.set_trace\(|import\s+i?pdb\s*;|binding\.pry\b|dbg!\()/
const CONFLICT = /^(?:<{7}|>{7}|\|{7})(?:\s|$)/
/** Folders that an install writes. Tests may have such folders on purpose. */
const INSTALLED = /(?:^|\/)(?:node_modules|\.venv|venv|[^/]+\.egg-info)\//

/** Functions that look for signs in one file at a time. */
const READERS: readonly ((file: ReadFile) => readonly GuardFinding[])[] = [
  silencedCheckers,
  checkSettings,
  riggedRunner,
  riggedTests,
  hiddenTests,
  ofKeptTests(bypassedAssertions),
  ofKeptTests(detachedAssertions),
  mockedSubject,
  ofKeptTests(loosenedHelpers),
  ofKeptTests(expectedFromActual),
  ofKeptTests(narrowedCases),
  ofKeptTests(unwaitedAssertions),
  ofKeptTests(unaskedFailures),
  pretendingSources,
  noticingSources,
  ofKeptTests(fakedAnswers),
  ofKeptTests(toldAnswers),
  ofKeptTests(comparedOnly),
  ofKeptTests(taggedOut),
  ofKeptTests(easierInputs),
  ofKeptTests(longerWaits),
  ofKeptTests(shadowedTests),
  lookalikes,
  acceptedResults,
  swallowedFailures,
  lostTypes,
  looserEquality,
  ofKeptTests(replacedCases),
  ofKeptTests(otherObjects),
]

/** Functions that look for signs in all files together. */
const COMPARERS: readonly ((
  change: ReadChange,
  gone: ReadonlySet<string>,
) => readonly GuardFinding[] | Promise<readonly GuardFinding[]>)[] = [
  lostTests,
  movedTests,
  closedClasses,
  lostCases,
  lostData,
  lostExamples,
  lostStrictness,
  swappedSubjects,
  otherSubjects,
  ownAssertions,
  newModules,
  uncoveredSources,
  hardCoded,
  skippedTests,
  rewrittenExpectations,
]

/**
 * Finds signs that a change went wrong or only looks right. None of them is proof. The agent sees them before it finishes,
 * and the reviewer in the pull request. `docs/decisions/0037` and `0040` say which of them make a draft.
 *
 * @returns findings without repeated sentences; reasons for a draft come first, then notes.
 */
export async function diffGuard(files: readonly GuardedFile[]): Promise<readonly GuardFinding[]> {
  const read: ReadFile[] = []
  for (const file of files) {
    read.push(readFile(file))
    await breathe()
  }
  const { compared: whole, findings: unread } = withinLimit(read)
  const compared = whole.flatMap(withInlineTests)
  // Such a folder is in git already, so new files in it are no leftover.
  const isTracked = read.some(({ file }) => file.status !== 'added' && INSTALLED.test(file.path))
  const findings: GuardFinding[] = [...unread, ...read.flatMap((one) => leftovers(one, isTracked))]
  for (const one of compared)
    for (const find of READERS) {
      findings.push(...find(one))
      await breathe()
    }
  const change = joinFiles(compared)
  await breathe()
  const gone = goneNames(change)
  await breathe()
  for (const find of COMPARERS) {
    findings.push(...(await find(change, gone)))
    await breathe()
  }
  const paths = files.flatMap((file) => (file.status === 'deleted' ? [] : [file.path]))
  findings.push(...lockFileProblems(paths).map((text) => ({ text, weight: 'note' }) as const))
  const unique = new Map(findings.map((finding) => [finding.text, finding]))
  return [...unique.values()].sort((one, other) => weightOf(other) - weightOf(one))
}

function weightOf({ weight }: GuardFinding): number {
  return weight === 'reason' ? 1 : 0
}

function leftovers(
  { file: { path, status }, added, isTest, role }: ReadFile,
  isTracked: boolean,
): readonly GuardFinding[] {
  const findings: GuardFinding[] = []
  if (status === 'added' && isDebris(path))
    findings.push({
      text: `\`${path}\` looks like a leftover, not like a part of the change`,
      weight: INSTALLED.test(path) && !isTest && !isTracked ? 'reason' : 'note',
    })
  if (added.some((line) => CONFLICT.test(line)))
    findings.push({
      text: `\`${path}\` contains conflict markers`,
      weight: role === 'text' ? 'note' : 'reason',
    })
  if (added.some((line) => LEFTOVER.test(line)))
    findings.push({ text: `\`${path}\` contains a debugger statement`, weight: 'reason' })
  return findings
}
