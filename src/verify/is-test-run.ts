import { runsTests } from '../text/code-checkers.ts'
import type { NamedCheck } from './run-named-checks.ts'

/** Whether a check runs tests: its report names some, or its command shows it. A failing linter says nothing about tests. */
export function isTestRun({ result: { command }, tests }: NamedCheck): boolean {
  return tests !== undefined || runsTests(command)
}
