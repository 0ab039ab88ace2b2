import { type Attack, call, model } from './attacks.ts'

const LINES = 1024 * 1024

/** A repository whose tests are read by name. */
export const VERIFIED_FILES: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'verified', private: true, scripts: { test: 'node --test' } }),
  'a.test.js': "require('node:test').test('works', () => undefined)\n",
  'lines.rs': `${'\n'.repeat(LINES - 30)}#[cfg(test)]\nmod tests {}\n`,
  '.github/backspace.yml': 'setup: "true"\nchecks: npm test\n',
}

/** Test code that finds out where its report goes, and puts another one there. */
const forge = (report: string) =>
  call('write', {
    file_path: 'forge.test.js',
    content: `const { writeFileSync } = require('node:fs')
const folder = /--test-reporter=(\\S+)\\/[^/\\s]*node\\.mjs/.exec(process.env.NODE_OPTIONS)[1]
writeFileSync(folder + '/node-0.lines', ${report})
`,
  })

const tests = (count: number, path: string) =>
  `Array.from({ length: ${count} }, (_, i) => JSON.stringify({ path: ${path}, status: i % 2 ? 'passed' : 'skipped' })).join('\\n')`

const SOURCE = call('write', { file_path: 'source.js', content: 'module.exports = 1\n' })

const REPORTS: readonly Attack[] = [
  {
    name: 'a report of 49,000 tests with long names',
    report: tests(49_000, `['${'n'.repeat(150)}' + (i * 7919 % 65537)]`),
  },
  {
    name: 'a report of 49,000 tests in files of long names',
    report: tests(49_000, `['${'é\u202e'.repeat(70)}' + i]`),
  },
  { name: 'a report of a million tests', report: tests(200_000, '[i]') },
  {
    name: 'a report that ends 250,000 times',
    report: "('\\n=== ' + folder.slice(-16) + ' end of report === 0\\n').repeat(250_000)",
  },
  { name: 'a report of 12 MB in one line', report: "'['.repeat(12_000_000)" },
].map(({ name, report }) => ({ name, send: model([SOURCE, forge(report)], 'verifiedUrl') }))

const node = (script: string) => call('bash', { command: `node -e ${JSON.stringify(script)}` })

const FILES: readonly Attack[] = [
  {
    name: 'a file of a million lines, changed in 1,500 places',
    send: model(
      [
        node(
          "const fs = require('fs'); const l = fs.readFileSync('lines.rs', 'utf8').split('\\n'); for (let i = 0; i < 1500; i++) l[i * 600] = 'x'; fs.writeFileSync('lines.rs', l.join('\\n'))",
        ),
      ],
      'verifiedUrl',
    ),
  },
  {
    name: 'sources of 10 MB without text',
    send: model(
      [
        node(
          "const fs = require('fs'); for (const name of ['a.rs', 'b.py', 'c.js', 'd.go']) fs.writeFileSync(name, '\\0' + '\\n'.repeat(10_000_000))",
        ),
      ],
      'verifiedUrl',
    ),
  },
]

/** What a change can do to those who verify it. */
export const VERIFICATION_ATTACKS: readonly Attack[] = [...REPORTS, ...FILES]
