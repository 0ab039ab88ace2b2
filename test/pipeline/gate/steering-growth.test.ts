import { expect, test } from 'vitest'
import { readSteering, steeringOf } from '../../../src/pipeline/gate/steering.ts'
import { agentWords } from '../../../src/text/agent-words.ts'
import { withoutStructure } from '../../../src/text/markdown/outbound-blocks.ts'
import { withoutCommandWords } from '../../../src/text/markdown/outbound-commands.ts'
import { expectLinear } from '../../support/growth.ts'
import { changed } from '../changed-file.ts'

const judge = (path: string) => (text: string) => {
  const file = changed({ path, status: 'modified', text })
  return steeringOf({ ...file, before: Buffer.from('') })
}

test.each([
  ['yarn.lock', '  resolved "https://a.example/b"\n'],
  ['yarn.lock', '\'"'],
  ['pnpm-lock.yaml', ': '],
  ['uv.lock', 'https://a.b/c '],
  ['requirements.txt', ' @ https://a'],
  ['setup.py', "'''\\"],
  ['setup.py', '@'],
  ['setup.cfg', '://'],
  ['go.mod', 'a => '],
  ['Gemfile', "git: '"],
  ['pom.xml', '<url>'],
  ['build.gradle', 'git@'],
  ['package.json', '['],
  ['package-lock.json', '{"packages":'],
])('judging %s takes time in proportion to its length: %j', (path, unit) => {
  expectLinear(judge(path), unit)
})

test('other runs go on while the manifests of a change are read, and each is read once', async () => {
  // Far more than one turn of the event loop has time for.
  const text = `${"gem 'a'\n".repeat(450)}eval "x"`
  const files = Array.from({ length: 1000 }, (_, at) => changed({ path: `${at}/Gemfile`, text }))
  let turns = 0
  let isReading = true
  const takeTurn = () => {
    turns++
    if (isReading) setImmediate(takeTurn)
  }
  setImmediate(takeTurn)
  await readSteering(files)
  isReading = false
  expect(turns).toBeGreaterThanOrEqual(2)
  for (const file of files) expect(steeringOf(file)).toBe(steeringOf(file))
})

test('larger manifests are read in a thread, and steer when that takes too long', async () => {
  const text = `${'# a gem\n'.repeat(1000)}eval "x"\n`
  const read = changed({ path: 'a/Gemfile', text })
  const late = changed({ path: 'b/Gemfile', text })
  const other = changed({ path: 'README.md', text })
  const asked: string[] = []
  await readSteering([read, late, other], async (file) => {
    asked.push(file.path)
    return file.path === read.path ? steeringOf(file) : undefined
  })
  expect(asked).toEqual([read.path, late.path])
  expect(steeringOf(read)).toMatchObject([{ what: expect.stringContaining('eval') }])
  expect(steeringOf(late)).toEqual([
    { path: late.path, what: 'steers installs or builds, and cannot be read here' },
  ])
  expect(steeringOf(other)).toEqual([])
})

test.each([
  ['a million lines', '\n'.repeat(1_000_000)],
  ['more bytes than a text may have', `\0${'a'.repeat(1024 * 1024)}`],
])('a manifest of %s is not read, and steers', (_, text) => {
  expect(steeringOf(changed({ path: 'pom.xml', text }))).toMatchObject([
    { what: 'steers installs or builds, and cannot be read here' },
  ])
})

test('a lock file of a large workspace is read', () => {
  const block = '  a@1.0.0:\n    resolution: {integrity: sha512-AAAA==}\n'
  const text = block.repeat(25_000)
  expect(steeringOf(changed({ path: 'pnpm-lock.yaml', text }))).toEqual([])
  const other = `${text}  b@1.0.0:\n    resolution: {tarball: https://evil.example/b.tgz}\n`
  expect(steeringOf(changed({ path: 'pnpm-lock.yaml', text: other }))).toMatchObject([
    { what: expect.stringContaining('evil.example') },
  ])
})

test('reading a path takes time in proportion to its length', () => {
  expectLinear((text) => steeringOf(changed({ path: text })), 'a/.b', 2000)
})

test.each([
  '[skip ',
  'skip-',
  'a-by-',
  'fix ',
  'fix a/',
  'bors ',
  'test  ',
  '\n  ',
  '[a ]',
  '@claude',
  '#close',
])('so does taking %j apart', (unit) => {
  expectLinear((text) => withoutCommandWords(text, false), unit, 8000)
})

test.each([
  '> ',
  '- ',
  '1. ',
  '# ',
  '***',
  '- - ',
  '|-',
  '\t',
  '[x] ',
  '=\n',
  '`',
  ']:',
  '$',
])('so does flattening %j', (unit) => {
  expectLinear((text) => withoutStructure(text.split('\n'), false), unit, 8000)
  expectLinear((text) => agentWords(text, { repository: 'acme/api', maxChars: 40_000 }), unit, 4000)
})
