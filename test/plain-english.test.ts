import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** Words of a translated dialect that a native engineer would not use here; CONTRIBUTING says what to write instead. */
const BANNED =
  /\b(whoever|whomever|(?<![`:])nobody(?![:`])|somebody|anybody|(?:is|are|was|were|be|been|being) told|told of|tells of|stands|mend(?:s|ed|ing)?|anew|dearer|of which|all the same)\b/gi

function filesUnder(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('fixtures/') && path !== 'test/plain-english.test.ts')
    .sort()
}

/** Comments, and the names of tests: the prose in a file of tests, whose data may be any text. */
function proseOf(code: string): string {
  const comments = code.match(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm) ?? []
  const names = code.match(/\b(?:test|describe|it)(?:\.each\([\s\S]*?\))?\(\s*(['"`]).*?\1/g) ?? []
  return [...comments, ...names].join('\n')
}

function bannedIn(files: readonly string[], prose: (text: string) => string = (text) => text): string[] {
  return files.flatMap((path) =>
    [...prose(readFileSync(join(ROOT, path), 'utf8')).matchAll(BANNED)].map(([word]) => `${path}: ${word}`),
  )
}

test('documents are in plain English', () => {
  // CONTRIBUTING shows what not to write.
  const withoutExamples = (text: string) => text.replace(/^\| not \| but \|\n(?:\|.*\n)+/m, '')
  const pages = [
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    '.env.example',
    'app.yml',
    '.ci/run',
  ]
  expect(bannedIn([...pages, ...filesUnder('docs', /\.md$/)], withoutExamples)).toEqual([])
})

test('comments, names and messages of the product are in plain English', () => {
  expect(bannedIn(filesUnder('src', /\.(ts|mjs|js)$/))).toEqual([])
})

/** Folders in which no doc comment is a fragment such as "Of the run.", whose subject a reader would have to guess. */
const WITH_SUBJECTS = [
  'agent',
  'checks/causes',
  'checks/environment',
  'checks/guard',
  'checks/plans',
  'isolated',
  'pipeline',
  'receipts',
  'setup-cache',
  'verify',
]

test('doc comments name their subject', () => {
  const files = WITH_SUBJECTS.flatMap((folder) => filesUnder(`src/${folder}`, /\.ts$/))
  const fragments = files.flatMap((path) =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(/\/\*\*\s(?:\* )?Of .*/g)].map(
      ([comment]) => `${path}: ${comment}`,
    ),
  )
  expect(fragments).toEqual([])
})

test('comments and names of tests are in plain English', () => {
  expect(bannedIn(filesUnder('test', /\.(ts|mjs|js)$/), proseOf)).toEqual([])
})

test('the check finds what it looks for', () => {
  const code = "test('nobody is told', () => {})\n// whoever stands here\nconst data = 'somebody'\n"
  expect([...proseOf(code).matchAll(BANNED)].map(([word]) => word)).toEqual([
    'whoever',
    'stands',
    'nobody',
    'is told',
  ])
})
