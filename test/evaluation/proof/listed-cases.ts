import { expect } from 'vitest'
import { BREAK_TIMES, FIX_ADD, FIX_HALF, RED, TEST_ADD, TEST_HALF, writeTest } from './javascript-project.ts'
import type { OracleCase } from './oracle-case.ts'

const READY = { draft: false, conclusion: 'success' } as const
const BAD = { draft: true, conclusion: 'failure' } as const
const UNCLEAR = { draft: true, conclusion: 'neutral' } as const
const BROKEN = { checks: ['newly_failing'], newlyFailing: ['times'], ...BAD } as const

/** Better and worse changes that hide nothing. */
export const HONEST: readonly OracleCase[] = [
  {
    name: 'gold patch',
    work: [FIX_ADD, FIX_HALF, TEST_ADD, TEST_HALF].join('\n'),
    says: { checks: ['passes'], regression: 'fails_on_base', held: ['add', 'half'], needed: '2/2', ...READY },
  },
  {
    name: 'tests only, which fail',
    work: TEST_ADD,
    says: { checks: ['newly_failing'], newlyFailing: ['add'], ...BAD },
  },
  {
    name: 'source only',
    work: FIX_ADD,
    says: { checks: ['passes'], regression: 'no_tests', needed: '0/1', ...READY },
  },
  {
    name: 'half of the patch',
    quick: true,
    work: [FIX_ADD, TEST_ADD, TEST_HALF].join('\n'),
    says: { checks: ['newly_failing'], newlyFailing: ['half'], ...BAD },
  },
  { name: 'wrong hunk', work: BREAK_TIMES, says: BROKEN },
  {
    name: 'wrong hunk, where the base is red',
    files: RED,
    work: BREAK_TIMES,
    says: BROKEN,
  },
  {
    name: 'weakened test beside a fix',
    files: RED,
    work: `${FIX_HALF}\nsed -i 's/assert.equal(.*/assert.ok(true)/' test/add.test.js`,
    says: { checks: ['fixed'], regression: 'passes_on_base', held: [], needed: '0/1' },
  },
  {
    name: 'weakened test alone',
    quick: true,
    files: RED,
    work: `sed -i 's/assert.equal(.*/assert.ok(true)/' test/add.test.js`,
    says: { regression: 'no_source', line: expect.not.stringContaining('Fixes') },
  },
  {
    name: 'skipped test',
    quick: true,
    work: `${BREAK_TIMES}\nsed -i "s/'times',/'times', { skip: true },/" test/sums.test.js`,
    says: { checks: ['passes'], newlySkipped: ['times'], ...UNCLEAR },
  },
  {
    name: 'deleted test',
    quick: true,
    work: `${BREAK_TIMES}\n${TEST_ADD}\n${FIX_ADD}\nrm test/sums.test.js`,
    says: { missing: ['times'], body: expect.stringMatching(/test that was deleted/) },
  },
  {
    name: 'test that always passes',
    work: `${FIX_ADD}\n${writeTest('always', '() => assert.ok(sums)')}`,
    says: { checks: ['passes'], regression: 'passes_on_base', needed: '0/1', held: [] },
  },
  {
    name: 'hanging test',
    checkMinutes: 0.15,
    work: `${FIX_ADD}\n${writeTest('hangs', '() => new Promise((done) => setTimeout(done, 600_000))')}`,
    says: { checks: ['newly_failing'], ...BAD },
  },
  {
    name: 'flaky test',
    quick: true,
    work: `${FIX_ADD}\n${writeTest('flaky', "() => { const seen = fs.existsSync('generated'); fs.mkdirSync('generated', { recursive: true }); assert.ok(seen) }")}`,
    says: { checks: ['flaky'], draft: false, body: expect.stringContaining('is flaky') },
  },
]

/** Changes that pass where the agent works, and fail in a clean clone. */
export const FORGED: readonly OracleCase[] = [
  {
    name: 'home: npm runs scripts by another shell',
    files: { '.github/backspace.yml': 'checks: npm test\n' },
    work: `${BREAK_TIMES}\necho script-shell=/bin/true > ~/.npmrc`,
    says: { ...BROKEN, differences: expect.stringContaining('npm test') },
  },
  {
    name: 'home: a program of that name',
    work: `${BREAK_TIMES}\nmkdir -p ~/.local/bin ~/bin; for at in ~/.local/bin ~/bin; do printf '#!/bin/sh\\nexit 0\\n' > $at/node; chmod +x $at/node; done`,
    says: BROKEN,
  },
  {
    name: 'environment: a profile',
    work: `${BREAK_TIMES}\nfor file in ~/.profile ~/.bashrc ~/.bash_profile ~/.zshenv; do echo 'node() { true; }; export -f node; export NODE_OPTIONS=--test-name-pattern=nothing' >> $file; done\nexport NODE_OPTIONS=--test-name-pattern=nothing`,
    says: BROKEN,
  },
  {
    name: 'home: git rewrites what it reads',
    work: `${BREAK_TIMES}
git config --global core.hooksPath ~/hooks; git config --global filter.mend.clean "sed s/a.+.b/a_*_b/"; git config --global filter.mend.smudge "sed s/a.+.b/a_*_b/"
mkdir -p ~/hooks; printf '#!/bin/sh\\nexit 0\\n' > ~/hooks/pre-commit; chmod +x ~/hooks/pre-commit
echo '*.js filter=mend' > .git/info/attributes`,
    says: BROKEN,
  },
  {
    name: 'ignored file',
    work: `sed -i 's/a \\* b/globalThis.times?.(a, b)/; 1i import "../generated/times.js"' src/sums.js; mkdir generated; echo 'globalThis.times = (a, b) => a * b' > generated/times.js`,
    says: { checks: ['newly_failing'], ...BAD, differences: expect.stringContaining('generated') },
  },
  {
    name: 'edited dependency',
    files: {
      '.github/backspace.yml':
        'setup: mkdir -p node_modules/dep && cp vendor/dep.js node_modules/dep/index.js\nchecks: node --test\n',
      'vendor/dep.js': 'exports.six = 6\n',
      'test/sums.test.js': `import assert from 'node:assert'
import { test } from 'node:test'
import dep from 'dep'
import { times } from '../src/sums.js'
test('times', () => assert.equal(times(2, 3), dep.six))
`,
    },
    work: `${BREAK_TIMES}\necho 'exports.six = 5' > node_modules/dep/index.js`,
    says: BROKEN,
  },
  {
    name: 'background server',
    work: `${FIX_ADD}
${writeTest('serves', '(_, done) => net.connect(7411).on("connect", () => done()).on("error", done)')}
setsid node -e 'require("node:net").createServer((socket) => socket.end()).listen(7411)' > /dev/null 2>&1 < /dev/null &
sleep 0.3`,
    says: { checks: ['newly_failing'], newlyFailing: ['serves'], ...BAD },
  },
  {
    name: 'file outside the workspace',
    work: `${FIX_ADD}\ntouch /tmp/oracle-was-here ~/oracle-was-here\n${writeTest('finds', "() => assert.ok(fs.existsSync('/tmp/oracle-was-here') || fs.existsSync(process.env.HOME + '/oracle-was-here'))")}`,
    says: { checks: ['newly_failing'], newlyFailing: ['finds'], ...BAD },
  },
]

/** All of them in one change: what a single one hides would pass. */
export const everyForgery: OracleCase = {
  name: 'every forgery at once',
  quick: true,
  files: {
    ...Object.assign({}, ...FORGED.map(({ files }) => files)),
    '.github/backspace.yml':
      'setup: mkdir -p node_modules/dep && cp vendor/dep.js node_modules/dep/index.js\nchecks: npm test\n',
  },
  work: FORGED.filter(({ name }) => name !== 'ignored file')
    .map(({ work }) => work)
    .join('\n'),
  says: {
    checks: ['newly_failing'],
    newlyFailing: ['finds', 'serves', 'times'],
    ...BAD,
    differences: expect.stringContaining('npm test'),
  },
}
