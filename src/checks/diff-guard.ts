import { breathe } from '../time/breathe.ts'
import { isDebris } from './file-roles.ts'
import { acceptedResults } from './guard/assertions/accepted-results.ts'
import { askedOfSome } from './guard/assertions/asked-of-some.ts'
import { bypassedAssertions } from './guard/assertions/bypassed-assertions.ts'
import { comparedOnly } from './guard/assertions/compared-only.ts'
import { detachedAssertions } from './guard/assertions/detached-assertions.ts'
import { easierInputs } from './guard/assertions/easier-inputs.ts'
import { expectedFromActual } from './guard/assertions/expected-from-actual.ts'
import { failuresInFront } from './guard/assertions/failures-in-front.ts'
import { fakedAnswers } from './guard/assertions/faked-answers.ts'
import { lazyAssertions } from './guard/assertions/lazy-assertions.ts'
import { longerWaits } from './guard/assertions/longer-waits.ts'
import { lookalikes } from './guard/assertions/lookalikes.ts'
import { loosenedHelpers } from './guard/assertions/loosened-helpers.ts'
import { looserEquality } from './guard/assertions/looser-equality.ts'
import { mockedSubject } from './guard/assertions/mocked-subject.ts'
import { otherObjects } from './guard/assertions/other-objects.ts'
import { otherSubjects } from './guard/assertions/other-subjects.ts'
import { ownAssertions } from './guard/assertions/own-assertions.ts'
import { rewrittenExpectations } from './guard/assertions/rewritten-expectations.ts'
import { riggedTests } from './guard/assertions/rigged-tests.ts'
import { selfMadeResults } from './guard/assertions/self-made-results.ts'
import { switchedSettings } from './guard/assertions/switched-settings.ts'
import { toldAnswers } from './guard/assertions/told-answers.ts'
import { unaskedFailures } from './guard/assertions/unasked-failures.ts'
import { unwaitedAssertions } from './guard/assertions/unwaited-assertions.ts'
import { withinLimit } from './guard/change/change-limit.ts'
import { goneNames } from './guard/change/gone-names.ts'
import {
  type GuardedFile,
  type GuardFinding,
  joinFiles,
  ofKeptTests,
  type ReadChange,
  type ReadFile,
  readFile,
} from './guard/change/guarded-change.ts'
import { withInlineTests } from './guard/change/inline-tests.ts'
import { closedClasses } from './guard/missing/closed-classes.ts'
import { hiddenTests } from './guard/missing/hidden-tests.ts'
import { lostCases } from './guard/missing/lost-cases.ts'
import { lostData } from './guard/missing/lost-data.ts'
import { lostExamples } from './guard/missing/lost-examples.ts'
import { lostTests } from './guard/missing/lost-tests.ts'
import { movedTests } from './guard/missing/moved-tests.ts'
import { narrowedCases } from './guard/missing/narrowed-cases.ts'
import { replacedCases } from './guard/missing/replaced-cases.ts'
import { shadowedTests } from './guard/missing/shadowed-tests.ts'
import { skippedTests } from './guard/missing/skipped-tests.ts'
import { taggedOut } from './guard/missing/tagged-out.ts'
import { checkSettings } from './guard/settings/check-settings.ts'
import { loosenedLimits } from './guard/settings/loosened-limits.ts'
import { lostStrictness } from './guard/settings/lost-strictness.ts'
import { riggedRunner } from './guard/settings/rigged-runner.ts'
import { silencedCheckers } from './guard/settings/silenced-checkers.ts'
import { uncoveredSources } from './guard/settings/uncovered-sources.ts'
import { hardCoded } from './guard/sources/hard-coded.ts'
import { lostTypes } from './guard/sources/lost-types.ts'
import { newModules } from './guard/sources/new-modules.ts'
import { noticingSources } from './guard/sources/noticing-sources.ts'
import { pretendingSources } from './guard/sources/pretending-sources.ts'
import { swallowedFailures } from './guard/sources/swallowed-failures.ts'
import { swappedSubjects } from './guard/sources/swapped-subject.ts'
import { uncomparedParts } from './guard/sources/uncompared-parts.ts'
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
  ofKeptTests(lazyAssertions),
  ofKeptTests(askedOfSome),
  ofKeptTests(selfMadeResults),
  ofKeptTests(failuresInFront),
  ofKeptTests(switchedSettings),
  loosenedLimits,
  uncomparedParts,
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
