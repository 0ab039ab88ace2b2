import type { NameList, Regression } from '../runs/verification.ts'

/** Verdicts, the strongest first. */
const ORDER: readonly Regression['verdict'][] = [
  'fails_on_base',
  'exit_code_only',
  'does_not_build',
  'not_collected',
  'passes_on_base',
  'skipped',
]
const MOST_NAMES = 20
const NONE: NameList = { count: 0, names: [] }

/** Joins the results of several checks for one change: the strongest verdict counts. */
export function joinRegressions(parts: readonly Regression[]): Regression {
  const [first] = ORDER.flatMap((verdict) => parts.filter((part) => part.verdict === verdict))
  const alone = parts.flatMap(({ byTestsAlone }) => byTestsAlone ?? [])
  return {
    verdict: first?.verdict ?? 'skipped',
    held: joinLists(parts.map(({ held }) => held)),
    loose: joinLists(parts.map(({ loose }) => loose)),
    byTestsAlone: alone.length === 0 ? undefined : joinLists(alone),
    reason: first === undefined ? 'no check of the repository runs tests' : first.reason,
  }
}

/** A regression result without findings. @param reason the rest of a sentence. */
export function noRegression(verdict: Regression['verdict'], reason?: string): Regression {
  return { verdict, held: NONE, loose: NONE, reason }
}

function joinLists(lists: readonly NameList[]): NameList {
  return {
    count: lists.reduce((sum, { count }) => sum + count, 0),
    names: lists.flatMap(({ names }) => names).slice(0, MOST_NAMES),
  }
}
