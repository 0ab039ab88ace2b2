import type { NameList, Regression } from '../runs/verification.ts'

/** From what says most to what says least. */
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

/** What several checks say about the tests of one change: the most that one of them shows. */
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

/** Nothing that was found out, with the reason as the rest of a sentence. */
export function noRegression(verdict: Regression['verdict'], reason?: string): Regression {
  return { verdict, held: NONE, loose: NONE, reason }
}

function joinLists(lists: readonly NameList[]): NameList {
  return {
    count: lists.reduce((sum, { count }) => sum + count, 0),
    names: lists.flatMap(({ names }) => names).slice(0, MOST_NAMES),
  }
}
