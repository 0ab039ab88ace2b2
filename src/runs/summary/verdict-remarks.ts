import { counted } from '../../text/amounts.ts'
import { cutText } from '../../text/cut-text.ts'
import { inlineCode } from '../../text/markdown/fenced.ts'
import type {
  Coverage,
  NameList,
  Necessity,
  Regression,
  Verification,
  VerifiedCheck,
} from '../verification.ts'

export const NO_NAMES: NameList = { count: 0, names: [] }

/** What reviewers should know besides the verdict, in sentences. */
export function remarksOn(verification: Verification): readonly string[] {
  return [
    ...remarksOnTests(verification.checks),
    ...remarksOnProof(verification),
    ...coverageRemarks(verification.coverage),
    ...gaps(verification),
  ]
}

function remarksOnTests(checks: readonly VerifiedCheck[]): readonly string[] {
  // If no check ran a test, the verdict itself says so.
  const saysEmpty = !checks.every(runsNoTests)
  return checks.flatMap((check) => {
    const name = commandOf(check)
    const { missing, stillFailing } = check.tests ?? { missing: NO_NAMES, stillFailing: NO_NAMES }
    return [
      ...(saysEmpty && runsNoTests(check) ? [`${name} ran no tests.`] : []),
      ...sameRedRemark(check),
      ...(check.verdict === 'flaky' ? [`${name} is flaky: it failed, then passed on the same files.`] : []),
      ...(stillFailing.count === 0
        ? []
        : [
            `${name}: ${counted(stillFailing.count, 'test')} failed before this change as well: ${firstNames(stillFailing)}.`,
          ]),
      ...(missing.count === 0
        ? []
        : [
            `${name}: ${counted(missing.count, 'test')} that ran before ${missing.count === 1 ? 'is' : 'are'} no longer reported: ${firstNames(missing)}.`,
          ]),
    ]
  })
}

function sameRedRemark(check: VerifiedCheck): readonly string[] {
  if (check.redWords === undefined) return []
  return [
    `${commandOf(check)} fails before and after this change, though no test fails, and says the same both times: ${firstNames(check.redWords)}. What the command would run after that was seen neither before nor after.`,
  ]
}

/** The check passed, but its reports name no test, before the change and after: nothing could fail. */
export function runsNoTests({ tests, verdict }: VerifiedCheck): boolean {
  if (tests === undefined || verdict !== 'passes') return false
  return [tests.before, tests.after].every(({ passed, failed, skipped }) => passed + failed + skipped === 0)
}

function remarksOnProof({ regression, necessity, differences }: Verification): readonly string[] {
  return [...regressionRemarks(regression), ...necessityRemarks(necessity), ...differences]
}

function regressionRemarks(regression: Regression | undefined): readonly string[] {
  switch (regression?.verdict) {
    case 'passes_on_base': {
      const names = regression.loose.count === 0 ? '' : `: ${firstNames(regression.loose)}`
      return [`The tests of this change pass without it as well, so they do not show what it does${names}.`]
    }
    case 'not_collected':
      return [
        'The tests of this change are not collected on the code before it, so they were not seen to fail.',
      ]
    case 'does_not_build':
      return [
        'The code before this change does not build with its tests, so they were not seen to fail one by one.',
      ]
    case 'skipped':
      return [
        `Whether the tests of this change fail without it is not known: ${regression.reason ?? 'it would take too long'}.`,
      ]
    case 'no_tests':
      return ['This change adds and edits no test.']
    default:
      return []
  }
}

function necessityRemarks(necessity: Necessity | undefined): readonly string[] {
  if (necessity === undefined) return []
  const { loose, hunks, tried, reason } = necessity
  const untried = hunks - tried
  return [
    ...loose.map(({ path, from, to }) => {
      const lines = from === to ? `line ${from}` : `lines ${from}–${to}`
      return `No test fails without the change to ${inlineCode(path, 120)}, ${lines}.`
    }),
    ...(untried > 0 && reason !== undefined ? [`${counted(untried, 'hunk')} not tried: ${reason}.`] : []),
  ]
}

function coverageRemarks(coverage: Coverage | undefined): readonly string[] {
  if (coverage === undefined) return []
  const { lines, run, missed, unmeasured } = coverage
  const others = unmeasured.count === 0 ? [] : [`not measured: ${firstNames(unmeasured)}`]
  if (lines === 0) return others.length === 0 ? [] : [`Coverage of the changed lines: ${others.join('')}.`]
  const words = `${run.toLocaleString('en-US')} of ${counted(lines, 'changed line')} ${lines === 1 ? 'runs' : 'run'} under the tests`
  const places = missed.length === 0 ? [] : [`not run: ${missedText(missed, lines - run)}`]
  return [`${[words, ...places, ...others].join('; ')}.`]
}

function missedText(missed: Coverage['missed'], count: number): string {
  const shown = missed.slice(0, MOST_NAMES)
  const more = shown.reduce((left, { from, to }) => left - (to - from + 1), count)
  const places = shown.map(({ path, from, to }) =>
    inlineCode(`${cutText(path, 110)}:${from === to ? from : `${from}-${to}`}`, 140),
  )
  return [...places, ...(more > 0 ? [counted(more, 'more line')] : [])].join(', ')
}

/** Says why the coverage is unknown, for places with room for it: at most one sentence. */
export function whyNoCoverage({ coverage }: Verification): readonly string[] {
  return coverage?.reason === undefined ? [] : [`No coverage of the changed lines: ${coverage.reason}.`]
}

function gaps({ notChecked }: Verification): readonly string[] {
  return notChecked.map(
    ({ path, reason }) => `Not checked: ${path === '' ? 'the root' : inlineCode(path, 120)} (${reason}).`,
  )
}

export function commandOf({ command }: Pick<VerifiedCheck, 'command'>): string {
  return inlineCode(command, 80)
}

const MOST_NAMES = 5
const MOST_LISTED = 4

export function firstNames({ count, names }: NameList): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => inlineCode(name, 120))
  const more = count - shown.length
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

export function inARow(texts: readonly string[]): string {
  const shown = texts.slice(0, MOST_LISTED)
  return [...shown, ...(texts.length > shown.length ? [`${texts.length - shown.length} more`] : [])].join(
    ', ',
  )
}
