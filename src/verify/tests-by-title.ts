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

/** What follows the title in a report: the values of a case, or the parts below a test of Go. */
const CASE = /(?:\[.*\]|\(.*\)|\/.*|\swith data set\s.*|\s?#\d.*)$/s
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
  const shortest = Math.min(...tests.map(({ name }) => containerOf(name).length))
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
  const bare = last.replace(CASE, '').trim()
  const own = bare.replace(OWNER, '')
  return new Set([last, bare, own, own.replace(PREFIX, '')])
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
