import { fewAtATime, namesOf, statusesInTurns } from './compare-tests.ts'
import type { NamedTest } from './reports/named-test.ts'

/** Between the names of a group and of what is in it: see `NamedTest`. */
const INSIDE = ' > '

/**
 * A file or suite that does not end is reported as one test, or by one of its own, as it happens: the same failure has the
 * group's name in one run, and in another one names of tests inside of the group.
 *
 * @returns the tests, where a failure of a group that the other run knows only by its tests has the names of those that failed
 * there and are reported no more.
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

/** The names of all groups that a test is in, the outermost first. */
function groupsOf(name: string): readonly string[] {
  const groups: string[] = []
  for (let at = name.indexOf(INSIDE); at !== -1; at = name.indexOf(INSIDE, at + 1)) {
    groups.push(name.slice(0, at))
  }
  return groups
}
