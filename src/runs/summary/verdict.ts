import { counted } from '../../text/amounts.ts'
import { capitalized } from '../../text/capitalized.ts'
import type { Necessity, Regression, Verification, VerifiedCheck } from '../verification.ts'
import {
  brokenSentence,
  fewerSentence,
  skippedSentence,
  steeredSentence,
  unclearSentence,
} from './check-sentences.ts'
import { commandOf, firstNames, inARow, NO_NAMES, remarksOn, runsNoTests } from './verdict-remarks.ts'

/**
 * What a verification found, in the words that people read everywhere. The sentences hold names from the repository,
 * which are untrusted.
 */
export interface Verdict {
  /** `good`: something passed that could have failed, and nothing got worse. `bad`: something got worse. */
  readonly tone: 'good' | 'neutral' | 'bad'
  /** One line without a full stop. */
  readonly line: string
  /** Why the pull request must be a draft; sentences, the most important first. Empty if it need not be one. */
  readonly draft: readonly string[]
  /** What else reviewers should know, in sentences. */
  readonly remarks: readonly string[]
}

/**
 * Without a reason for a draft only if each check that passed before also passes on the change, in the clean sandbox.
 */
export function verdictOf(verification: Verification): Verdict {
  const { unverified, checks, regression, necessity } = verification
  const remarks = remarksOn(verification)
  if (unverified !== undefined) {
    return { tone: 'neutral', line: 'Not verified', draft: [`Not verified: ${unverified}`], remarks }
  }
  const worse = checks.filter(({ verdict }) => verdict === 'newly_failing')
  if (worse.length > 0) {
    return { tone: 'bad', line: brokenLine(worse), draft: worse.map(brokenSentence), remarks }
  }
  if (checks.length === 0) {
    const line = 'No checks were found, so nothing was verified'
    return { tone: 'neutral', line, draft: [], remarks }
  }
  const unclear = checks.filter(({ verdict }) => verdict === 'cannot_tell')
  const silent = checks.filter(({ verdict }) => verdict === 'no_proof')
  const empty = checks.filter(runsNoTests)
  const skips = checks.filter(({ tests }) => (tests?.newlySkipped.count ?? 0) > 0)
  const fewer = checks.filter(losesTests)
  const steered = checks.filter((check) => check.steered !== undefined)
  const draft = [
    ...steered.flatMap(steeredSentence),
    ...unclear.map(unclearSentence),
    ...(!isVerified(verification)
      ? [`Not verified: ${[nothingRan(silent, empty), ...regressionPart(regression)].join('; ')}.`]
      : []),
    ...fewer.map(fewerSentence),
    ...skips.map(skippedSentence),
  ]
  const alone = testsAloneSentence(verification)
  if (!isVerified(verification)) return { tone: 'neutral', line: partlyLine(regression), draft, remarks }
  if (draft.length > 0)
    return {
      tone: 'neutral',
      line: unclearLine({ steered, unclear, fewer, skips }),
      draft: [...draft, ...alone],
      remarks,
    }
  const proof = proofOf(checks, regression, necessity)
  const failing = checks.filter(({ verdict }) => verdict === 'still_failing')
  const isOfTests = proof.includes(TESTS_ALONE) || (regression?.byTestsAlone?.count ?? 0) > 0
  const isProof = failing.length === 0 && !isIncomplete(verification) && !isOfTests
  const tone = isProof ? 'good' : 'neutral'
  return { tone, line: joinProof(proof, checks, failing), draft: alone, remarks }
}

/** Whether at least one check that could say something about the change did so. */
export function isVerified({ unverified, checks }: Verification): boolean {
  return (
    unverified === undefined && checks.some((check) => check.verdict !== 'no_proof' && !runsNoTests(check))
  )
}

function isIncomplete({ checks, notChecked }: Verification): boolean {
  return notChecked.length > 0 || checks.some((check) => check.verdict === 'no_proof' || runsNoTests(check))
}

function total(checks: readonly VerifiedCheck[], list: 'newlyFailing' | 'newlyPassing'): number {
  return checks.reduce((sum, { tests }) => sum + (tests?.[list].count ?? 0), 0)
}

function brokenLine(worse: readonly VerifiedCheck[]): string {
  const tests = total(worse, 'newlyFailing')
  const commands = inARow(worse.map(commandOf))
  if (tests > 0) return `Breaks ${counted(tests, 'test')}: ${commands} newly ${fail(worse)}`
  return `${commands} newly ${fail(worse)}`
}

function fail({ length }: readonly unknown[]): string {
  return length === 1 ? 'fails' : 'fail'
}

/** A test that failed and now passes only because it was rewritten proves nothing about the program. */
function testsAloneSentence({ checks, regression }: Verification): readonly string[] {
  const alone = regression?.byTestsAlone ?? NO_NAMES
  if (alone.count > 0) return [`${aloneText(alone.count)}: ${firstNames(alone)}.`]
  const hasFixed = total(checks, 'newlyPassing') > 0 || checks.some(({ verdict }) => verdict === 'fixed')
  return regression?.verdict === 'no_source' && hasFixed ? [`${TESTS_ALONE}.`] : []
}

type Doubt = 'steered' | 'unclear' | 'fewer' | 'skips'

function unclearLine({
  steered,
  unclear,
  fewer,
  skips,
}: Readonly<Record<Doubt, readonly VerifiedCheck[]>>): string {
  const [first] = steered
  if (first?.steered !== undefined)
    return `${inARow(steered.map(commandOf))} ${steered.length === 1 ? 'depends' : 'depend'} on this change of ${firstNames(first.steered.files)}`
  if (unclear.length > 0) return `${inARow(unclear.map(commandOf))} cannot tell: red before and after`
  if (fewer.length > 0)
    return `${inARow(fewer.map(commandOf))} no longer ${fewer.length === 1 ? 'runs' : 'run'} all the tests that ran before`
  return `${inARow(skips.map(commandOf))} newly ${skips.length === 1 ? 'skips' : 'skip'} tests`
}

/**
 * Whether fewer tests run than before: fewer prove less, even if all pass. A renamed test counts as one missing and one
 * added.
 */
function losesTests({ tests }: VerifiedCheck): boolean {
  if (tests === undefined) return false
  return tests.missing.count > tests.added.count
}

/** When no check has a result, the tests of the change may still have one. */
function partlyLine(regression: Regression | undefined): string {
  const [part] = regressionPart(regression)
  return part === undefined ? 'Not verified' : `Only partly verified; ${part}`
}

function nothingRan(silent: readonly VerifiedCheck[], empty: readonly VerifiedCheck[]): string {
  const parts = [
    ...(silent.length === 0 ? [] : [`${inARow(silent.map(commandOf))} could not run or did not end`]),
    ...(empty.length === 0 ? [] : [`${inARow(empty.map(commandOf))} ran no tests`]),
  ]
  return parts.join('; ')
}

/** The parts of the sentence that sums up the proof. */
function proofOf(
  checks: readonly VerifiedCheck[],
  regression: Regression | undefined,
  necessity: Necessity | undefined,
): readonly string[] {
  const newlyPassing = total(checks, 'newlyPassing')
  const alone = regression?.byTestsAlone?.count ?? 0
  const fixedTests = Math.max(0, newlyPassing - alone)
  const fixedChecks = checks.filter(({ verdict }) => verdict === 'fixed')
  if (regression?.verdict === 'no_source') {
    return newlyPassing + fixedChecks.length > 0 ? [TESTS_ALONE] : []
  }
  const fixes =
    fixedTests > 0
      ? [`Fixes ${counted(fixedTests, 'failing test')}`]
      : fixedChecks.length > 0 && alone === 0
        ? [`Fixes ${inARow(fixedChecks.map(commandOf))}`]
        : []
  const tests = alone === 0 ? fixes : [...fixes, aloneText(alone)]
  return [...tests, ...regressionPart(regression), ...necessityPart(necessity)]
}

function aloneText(count: number): string {
  const [passes, tests] = count === 1 ? ['passes', 'test was'] : ['pass', 'tests were']
  return `${counted(count, 'failing test')} now ${passes} only because the ${tests} changed`
}

const TESTS_ALONE = 'What failed before passes now, but only tests were changed'

function regressionPart(regression: Regression | undefined): readonly string[] {
  switch (regression?.verdict) {
    case 'fails_on_base': {
      const { count } = regression.held
      return [`${counted(count, 'test')} of this change ${count === 1 ? 'fails' : 'fail'} without it`]
    }
    case 'exit_code_only':
      return ['its tests fail without it']
    case 'does_not_build':
      return ['its tests do not build without it']
    default:
      return []
  }
}

function necessityPart(necessity: Necessity | undefined): readonly string[] {
  if (necessity === undefined || necessity.tried === 0) return []
  const { hunks, held, tried } = necessity
  const what = counted(tried, tried < hunks ? 'tried hunk' : 'changed hunk')
  return [`${held} of ${what} ${held === 1 || tried === 1 ? 'is' : 'are'} needed by a test`]
}

function joinProof(
  proof: readonly string[],
  checks: readonly VerifiedCheck[],
  failing: readonly VerifiedCheck[],
): string {
  const passing = checks.filter(({ verdict }) => ['passes', 'fixed', 'flaky'].includes(verdict))
  const same = failing.length === 0 ? [] : [`${inARow(failing.map(commandOf))} ${fail(failing)} as before`]
  const sure = proof.length > 0 ? proof : [passedText(passing.length, checks.length)]
  const line = [...sure, ...same].filter((part) => part !== '').join('; ')
  return capitalized(line)
}

function passedText(passing: number, all: number): string {
  if (passing === 0) return ''
  if (passing < all) return `${passing} of ${counted(all, 'check')} pass`
  return all === 1 ? 'The check passes' : `All ${all} checks pass`
}
