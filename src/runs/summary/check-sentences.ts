import { counted } from '../../text/amounts.ts'
import { inlineCode } from '../../text/markdown/fenced.ts'
import type { VerifiedCheck } from '../verification.ts'
import { commandOf, firstNames, NO_NAMES } from './verdict-remarks.ts'

/** Why a check that got worse makes a draft, with the first tests that newly fail. */
export function brokenSentence(check: VerifiedCheck): string {
  const { tests } = check
  if (tests === undefined || tests.newlyFailing.count === 0) {
    return `${commandOf(check)} passed before this change and fails with it.`
  }
  const { before, newlyFailing } = tests
  const red = before.failed === 0 ? '' : ` (${counted(before.failed, 'test')} failed before)`
  return `${commandOf(check)}: ${counted(newlyFailing.count, 'test')} newly ${newlyFailing.count === 1 ? 'fails' : 'fail'}${red}: ${firstNames(newlyFailing)}.`
}

/** Why a check that fails before and after the change makes a draft. */
export function unclearSentence(check: VerifiedCheck): string {
  return `${commandOf(check)} fails before and after this change, and ${whyUnclear(check)}: this check cannot tell whether the change breaks something.`
}

function whyUnclear({ tests }: VerifiedCheck): string {
  if (tests === undefined) return 'the names of its failing tests cannot be read'
  const { before, after } = tests
  if (before.failed === 0 || after.failed === 0) return 'no failing test is the reason'
  return after.passed === 0
    ? 'none of its tests passes'
    : 'it does not report all the tests that it did before'
}

/** Why a check that depends on the change's own edits makes a draft; none for any other check. */
export function steeredSentence(check: VerifiedCheck): readonly string[] {
  if (check.steered === undefined) return []
  const { files, failing, reason } = check.steered
  const start = `This change edits ${firstNames(files)}, which ${files.count === 1 ? 'decides' : 'decide'} how ${commandOf(check)} runs.`
  if (reason !== undefined) return [`${start} The check was not run as before: ${reason}.`]
  if (failing === undefined) return [`${start} Without that edit the check fails.`]
  const tests = `${counted(failing.count, 'test')} of before ${failing.count === 1 ? 'fails' : 'fail'}`
  return [`${start} Without that edit, ${tests}: ${firstNames(failing)}.`]
}

/** Which tests of a check passed before and are skipped now. */
export function skippedSentence({ command, tests }: VerifiedCheck): string {
  const skipped = tests?.newlySkipped ?? NO_NAMES
  return `${inlineCode(command, 80)}: ${counted(skipped.count, 'test')} that passed before ${skipped.count === 1 ? 'is' : 'are'} skipped now: ${firstNames(skipped)}.`
}

/** Which tests of a check ran before and are not reported now. */
export function fewerSentence({ command, tests }: VerifiedCheck): string {
  const { before, missing } = tests ?? { before: NO_COUNTS, missing: NO_NAMES }
  const ran = before.passed + before.failed + before.skipped
  return `${inlineCode(command, 80)}: ${missing.count} of the ${counted(ran, 'test')} that ran before are no longer reported: ${firstNames(missing)}.`
}

const NO_COUNTS = { passed: 0, failed: 0, skipped: 0 }
