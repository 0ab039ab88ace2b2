import type { NameList, TestComparison, TestCounts } from '../runs/verification.ts'
import { breathe } from '../time/breathe.ts'
import type { NamedTest, TestStatus } from './reports/named-test.ts'

export function countTests(tests: readonly NamedTest[]): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const { status } of tests) counts[status]++
  return counts
}

/** How many tests are handled between two pauses, since a report may have 50,000 with long names. */
const PIECE = 512

/** Yields the tests in small groups; other work goes on in between. */
export async function* fewAtATime(tests: readonly NamedTest[]): AsyncGenerator<readonly NamedTest[]> {
  for (let from = 0; from < tests.length; from += PIECE) {
    yield tests.slice(from, from + PIECE)
    await breathe()
  }
}

/** The names of the tests with this status. */
export function namesOf(tests: readonly NamedTest[], status: TestStatus): ReadonlySet<string> {
  return new Set(tests.flatMap((test) => (test.status === status ? [test.name] : [])))
}

const SHOWN_NAMES = 20
const SHOWN_CHARS = 300

interface NameCounter {
  add(name: string): void
  list(): NameList
}

/** Counts names and keeps the first ones in order, for an event. Sorting 50,000 names would take a tenth of a second. */
function countNames(): NameCounter {
  const first: string[] = []
  let count = 0
  return {
    add(name) {
      count++
      if (first.length === SHOWN_NAMES && name >= (first.at(-1) ?? '')) return
      const at = first.findIndex((other) => name < other)
      first.splice(at === -1 ? first.length : at, 0, name)
      first.length = Math.min(first.length, SHOWN_NAMES)
    },
    list: () => ({
      count,
      names: first.map((name) =>
        name.length > SHOWN_CHARS ? `${name.slice(0, SHOWN_CHARS - 1).toWellFormed()}…` : name,
      ),
    }),
  }
}

export function nameList(names: Iterable<string>): NameList {
  const counter = countNames()
  for (const name of names) counter.add(name)
  return counter.list()
}

/** A time of the day or the address of an object, which a runner puts into the name of a test for its parameters. */
const OF_ONE_RUN = /\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?!\d)|\b0x[\da-f]{6,16}\b/g

/**
 * Finds tests that have another name in each run, since it holds the time or an address.
 *
 * @returns the name before, for each such name after. Names that one run has more often than the other have no partner.
 */
function sameInEachRun(gone: readonly string[], fresh: readonly string[]): ReadonlyMap<string, string> {
  const byForm = (names: readonly string[]) =>
    Map.groupBy(
      names.filter((name) => name.search(OF_ONE_RUN) !== -1),
      (name) => name.replaceAll(OF_ONE_RUN, '?'),
    )
  const before = byForm(gone)
  return new Map(
    [...byForm(fresh)].flatMap(([form, names]) => {
      const old = before.get(form)?.toSorted() ?? []
      return old.length === names.length
        ? names.toSorted().map((name, index): [string, string] => [name, old[index] ?? ''])
        : []
    }),
  )
}

async function namesBeside(
  tests: readonly NamedTest[],
  others: ReadonlyMap<string, TestStatus>,
): Promise<readonly string[]> {
  const names: string[] = []
  for await (const some of fewAtATime(tests)) {
    for (const { name } of some) if (!others.has(name)) names.push(name)
  }
  return names
}

/** Compares two runs of a check by the names of their tests. A renamed test counts as missing and as added. */
export async function compareTests(
  before: readonly NamedTest[],
  after: readonly NamedTest[],
): Promise<TestComparison> {
  const was = await statusesInTurns(before)
  const is = await statusesInTurns(after)
  const gone = await namesBeside(before, is)
  const moved = sameInEachRun(gone, await namesBeside(after, was))
  const stayed = new Set(moved.values())
  const [newlyFailing, newlyPassing, stillFailing] = [countNames(), countNames(), countNames()]
  const [newlySkipped, missing, added] = [countNames(), countNames(), countNames()]
  for await (const some of fewAtATime(after)) {
    for (const { name, status } of some) {
      const old = was.get(moved.get(name) ?? name)
      if (old === undefined) added.add(name)
      if (status === 'failed') (old === 'failed' ? stillFailing : newlyFailing).add(name)
      else if (status === 'passed' && old === 'failed') newlyPassing.add(name)
      else if (status === 'skipped' && old === 'passed') newlySkipped.add(name)
    }
  }
  for (const name of gone) if (!stayed.has(name)) missing.add(name)
  return {
    before: countTests(before),
    after: countTests(after),
    newlyFailing: newlyFailing.list(),
    newlyPassing: newlyPassing.list(),
    stillFailing: stillFailing.list(),
    newlySkipped: newlySkipped.list(),
    missing: missing.list(),
    added: added.list(),
  }
}

export function statusByName(tests: readonly NamedTest[]): ReadonlyMap<string, TestStatus> {
  return new Map(tests.map(({ name, status }) => [name, status]))
}

/** Like `statusByName`, but other work goes on in between. */
export async function statusesInTurns(tests: readonly NamedTest[]): Promise<ReadonlyMap<string, TestStatus>> {
  const statuses = new Map<string, TestStatus>()
  for await (const some of fewAtATime(tests)) {
    for (const { name, status } of some) statuses.set(name, status)
  }
  return statuses
}
