import type { GateReport } from './gate-changes.ts'
import type { ReviewedChanges } from './secret-review.ts'

const MOST_WARNINGS = 20

/** Tells the agent what it can do about each file that would be left out of its change, one sentence per file. */
export function leftOutWarnings({
  leaks,
  notOnWindows,
  unfit,
}: Pick<ReviewedChanges, 'leaks'> & Pick<GateReport, 'notOnWindows' | 'unfit'>): readonly string[] {
  const findings = [...leaks.values()].flatMap((leak) => leak.findings)
  return [
    ...findings
      .slice(0, MOST_WARNINGS)
      .map(
        (finding) =>
          `${finding}: the file is left out, since a secret must not be published. Read the value from the environment, or use one that is plainly an example.`,
      ),
    ...notOnWindows.map(
      (problem) => `${problem}: a clone on Windows would fail, so the file is left out. Rename it.`,
    ),
    ...unfit.slice(0, MOST_WARNINGS).map((clause) => `${clause}: the file is left out.`),
  ]
}
