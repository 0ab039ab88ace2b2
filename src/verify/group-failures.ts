import { fewAtATime, namesOf, statusesInTurns } from './compare-tests.ts'
import type { NamedTest } from './reports/named-test.ts'

/** Separates the name of a group from the names inside of it; see `NamedTest`. */
const INSIDE = ' > '

/**
 * Gives failures of groups the names that the other run uses. A file or suite that does not end may be reported as one
 * test or by one of its tests, so that the same failure has the group's name in one run and names of its tests in another.
 *
 * @returns the tests. If the other run knows a failed group only by its tests, the failure gets the names of those that
 * failed there and are missing here.
 */
export async function namedAsIn(
  others: readonly NamedTest[],
  tests: readonly NamedTest[],
): Promise<readonly NamedTest[]> {
  const known = await statusesInTurns(others)
  const groups = new Map<string, string[]>()
  for (const name of namesOf(tests, 'failed')) if (!known.has(name)) groups.set(name, [])
  if (groups.size === 0) return tests
  const reported = await statusesInTurns(tests)
  for await (const some of fewAtATime(others)) {
    for (const { name, status } of some) {
      if (status !== 'failed' || reported.has(name)) continue
      for (const group of groupsOf(name)) groups.get(group)?.push(name)
    }
  }
  return tests.flatMap((test) => {
    const names = groups.get(test.name) ?? []
    return names.length === 0 ? [test] : names.map((name) => ({ ...test, name }))
  })
}

/** The names of all groups that contain a test, outermost first. */
function groupsOf(name: string): readonly string[] {
  const groups: string[] = []
  for (let at = name.indexOf(INSIDE); at !== -1; at = name.indexOf(INSIDE, at + 1)) {
    groups.push(name.slice(0, at))
  }
  return groups
}
