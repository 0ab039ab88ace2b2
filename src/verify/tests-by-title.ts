import { posix } from 'node:path'
import type { NamedTest } from './reports/named-test.ts'

/** Named tests of a run, looked up by the title that a source gives a test. */
export interface TestsByTitle {
  /**
   * True if the run reports tests of this title, and all of them passed, each case of a table included.
   *
   * @param path the file of the test, relative to the root. A report without files must name the package or the class.
   */
  pass(title: string, path: string): boolean
}

/** What follows the title in a report: the parts below a test of Go, or the number of a case. */
const BELOW = /\/|\swith data set\s|\s?#\d/
/** The values of a case, at the end. */
const BRACKETS = { ']': '[', ')': '(' } as const
/** What goes before it: a class or a module, and then the prefix of minitest or ExUnit. */
const OWNER = /^.*(?:::|[\w)][.#]|\$)(?=\w)/s
const PREFIX = /^test(?:_\d{4}_|[ _:]\s?)/

export function byTitle(tests: readonly NamedTest[]): TestsByTitle {
  const titles = new Map<string, NamedTest[]>()
  for (const test of tests) {
    for (const title of titlesOf(test)) {
      const same = titles.get(title)
      if (same === undefined) titles.set(title, [test])
      else same.push(test)
    }
  }
  const shortest = tests.reduce((least, { name }) => Math.min(least, containerOf(name).length), Infinity)
  return {
    pass(title, path) {
      const found = titles.get(title)?.filter((test) => isIn(test, path, shortest)) ?? []
      return found.length > 0 && found.every(({ status }) => status === 'passed')
    },
  }
}

/** The last part of the name as it is, and without what reports add to the title. */
function titlesOf({ name }: NamedTest): ReadonlySet<string> {
  const last = name.slice(name.lastIndexOf(' > ') + 1).replace(/^> /, '')
  const bare = withoutCase(last).trim()
  const own = bare.replace(OWNER, '')
  return new Set([last, bare, own, own.replace(PREFIX, '')])
}

/** Reads each character a limited number of times, since tests choose their names. */
function withoutCase(title: string): string {
  const end = title.at(-1)
  const opens = end === ']' || end === ')' ? title.indexOf(BRACKETS[end]) : -1
  const cuts = [opens, title.search(BELOW)].filter((at) => at !== -1)
  return cuts.length === 0 ? title : title.slice(0, Math.min(...cuts))
}

/** True if the test is in that file, as far as the report says. */
function isIn({ name, file }: NamedTest, path: string, shortest: number): boolean {
  if (file !== undefined) return file === path
  const container = containerOf(name)
  if (path.endsWith('.go')) {
    const folder = posix.basename(posix.dirname(path))
    return folder === '.' ? container.length === shortest : container.endsWith(`/${folder}`)
  }
  const stem = plain(posix.basename(path).replace(/\..*$/, ''))
  return plain(name.slice(0, name.lastIndexOf(' > ') + 1) || name).includes(stem)
}

/** The package or the file that the name begins with. */
function containerOf(name: string): string {
  return name.split(' > ', 1)[0] ?? ''
}

/** `cart_test` and `CartTest` are the same. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z\d]/g, '')
}
