import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

interface Requirement {
  readonly id: string
  readonly kept: string
  readonly tests: readonly { readonly file: string; readonly title: string }[]
  /** What is said beside the tests. */
  readonly words: string
}

const NAMED = /`([\w/.-]+\.test\.ts)`((?:,? “[^”]+”)+)/g

const requirements = [...read('docs/security-requirements.md').matchAll(/^\| (S\d+) \|.*\|$/gm)].map(
  ([row, id = '']): Requirement => {
    const [, , kept = '', evidence = ''] = row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''))
    const tests = [...evidence.matchAll(NAMED)].flatMap(([, file = '', titles = '']) =>
      [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
    )
    return { id, kept, tests, words: evidence.replace(NAMED, '').replaceAll(/[;.\s]/g, '') }
  },
)

test('docs/security-requirements.md has each requirement once, in order', () => {
  expect(requirements.map(({ id }) => id)).toEqual(Array.from({ length: 44 }, (_, index) => `S${index + 1}`))
})

test('a requirement is kept by tests, or the page says what takes its place', () => {
  const wrong = requirements.filter(({ kept, tests, words }) => {
    if (kept === 'yes') return tests.length === 0
    if (kept === 'partly') return tests.length === 0 || words === ''
    return kept !== 'no' || words === ''
  })
  expect(wrong).toEqual([])
})

test('every test that a requirement or an attack names exists', () => {
  const page = read('docs/security.md')
  const ofAttacks = [...page.matchAll(/`test\/([\w/.-]+\.test\.ts)`/g)].map(([, file = '']) => file)
  expect(() => ofAttacks.map((file) => read(`test/${file}`))).not.toThrow()
  const missing = requirements.flatMap(({ id, tests }) =>
    tests
      .filter(({ file, title }) => !read(`test/${file}`).replaceAll("\\'", "'").includes(title))
      .map(({ file, title }) => `${id}: ${file} has no “${title}”`),
  )
  expect(missing).toEqual([])
})
