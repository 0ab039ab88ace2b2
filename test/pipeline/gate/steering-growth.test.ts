import { test } from 'vitest'
import { steeringOf } from '../../../src/pipeline/gate/steering.ts'
import { agentWords } from '../../../src/text/agent-words.ts'
import { withoutStructure } from '../../../src/text/outbound-blocks.ts'
import { withoutCommandWords } from '../../../src/text/outbound-commands.ts'
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

test('so does reading a path', () => {
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
