import type { GuardFinding } from '../../checks/guard/change/guarded-change.ts'
import type { Verification } from '../../runs/verification.ts'
import { byTitle, type TestsByTitle } from '../../verify/tests-by-title.ts'
import type { Verified } from '../verify/verify-change.ts'

/** The guard's findings, settled by what the host saw in the clean sandboxes. Sentences without their full stop. */
export interface SettledFindings {
  /** Reasons for a draft. */
  readonly reasons: readonly string[]
  readonly notes: readonly string[]
}

type Seen = Pick<Verified, 'verification' | 'withoutEdits' | 'tests'>

/**
 * Turns a reason of the guard into a note if the verification showed that it hides nothing. A finding that no run can
 * clear, such as a removed assertion, remains a reason.
 */
export function settleFindings(
  findings: readonly GuardFinding[],
  verified: Seen | undefined,
): SettledFindings {
  const reasons: string[] = []
  const notes: string[] = []
  let ran: TestsByTitle | undefined
  const testsRun = () => {
    ran ??= byTitle(verified?.tests ?? [])
    return ran
  }
  for (const finding of findings) {
    const settled = finding.weight === 'note' ? '' : settledText(finding, { verified, testsRun })
    if (settled === undefined) reasons.push(finding.text)
    else notes.push(`${finding.text}${settled}`)
  }
  return { reasons, notes }
}

function settledText(
  { path, settledBy, tests = [] }: GuardFinding,
  { verified, testsRun }: { readonly verified: Seen | undefined; readonly testsRun: () => TestsByTitle },
): string | undefined {
  const { verification, withoutEdits = [] } = verified ?? {}
  if (verification === undefined || verification.unverified !== undefined) return undefined
  if (verification.checks.length === 0) return undefined
  switch (settledBy) {
    case 'as_before':
      return path !== undefined && withoutEdits.includes(path) && saysTheSame(verification)
        ? '; the checks say the same without this edit'
        : undefined
    case 'tests_alone':
      return fixesNothing(verification) ? '; no test that failed before passes by it' : undefined
    case 'still_run':
      return path !== undefined && tests.length > 0 && tests.every((title) => testsRun().pass(title, path))
        ? '; the tests that it may skip ran and passed'
        : undefined
    default:
      return undefined
  }
}

function saysTheSame({ checks }: Verification): boolean {
  return checks.every(
    ({ verdict, steered, tests }) =>
      steered === undefined && verdict !== 'no_proof' && (tests?.missing.count ?? 0) === 0,
  )
}

function fixesNothing({ checks, regression }: Verification): boolean {
  return (
    regression?.verdict === 'no_source' &&
    (regression.byTestsAlone?.count ?? 0) === 0 &&
    checks.every(({ verdict, tests }) => verdict === 'passes' && (tests?.newlyPassing.count ?? 0) === 0)
  )
}
