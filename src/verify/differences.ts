import type { CheckResult } from '../checks/run-checks.ts'
import { checkEnding } from '../text/check-ending.ts'
import { inlineCode } from '../text/markdown/fenced.ts'

/** A check that passes in one place and fails in the other: the agent's workspace or the clean sandbox. */
export interface CheckDifference {
  readonly command: string
  readonly passesIn: 'agent' | 'clean'
}

export function checkDifferences(
  agent: readonly CheckResult[],
  clean: readonly CheckResult[],
): readonly CheckDifference[] {
  return clean.flatMap((here): CheckDifference[] => {
    const there = agent.find(({ command }) => command === here.command)
    if (there === undefined) return []
    const [inAgent, inClean] = [isPassed(there), isPassed(here)]
    if (inAgent === inClean) return []
    return [{ command: here.command, passesIn: inAgent ? 'agent' : 'clean' }]
  })
}

function isPassed(result: CheckResult): boolean {
  return ['passed', 'flaky'].includes(checkEnding(result))
}

const MOST_NAMES = 3

/**
 * Sentences for people on checks that end differently in the agent's workspace and the clean sandbox.
 *
 * @param causes.ignored paths that git ignores and only the agent's workspace has; untrusted.
 * @param causes.withheld paths that the gate withheld, so that the commit does not have them.
 */
export function differenceSentences(
  differences: readonly CheckDifference[],
  { ignored, withheld }: { readonly ignored: readonly string[]; readonly withheld: readonly string[] },
): readonly string[] {
  return differences.map(({ command, passesIn }) => {
    const name = inlineCode(command, 80)
    if (passesIn === 'clean') return `${name} fails in the agent's workspace and passes in a clean sandbox.`
    const start = `${name} passes in the agent's workspace and fails in a clean sandbox`
    if (withheld.length > 0) return `${start}: ${listed(withheld)} ${be(withheld)} withheld.`
    if (ignored.length > 0)
      return `${start}: ${listed(ignored)} ${be(ignored)} ignored by git, so not part of the commit.`
    return `${start}: something outside of the commit makes it pass there.`
  })
}

function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, MOST_NAMES).map((path) => inlineCode(path, 80))
  return [...shown, ...(paths.length > shown.length ? [`${paths.length - shown.length} more`] : [])].join(
    ', ',
  )
}

function be({ length }: readonly unknown[]): string {
  return length === 1 ? 'is' : 'are'
}
