import { expect, test } from 'vitest'
import { limitAfter, limitCommands, limitText, minutesInAll } from '../../src/checks/command-limits.ts'
import { whyNoEnd } from '../../src/checks/why-no-end.ts'

const MINUTE = 60_000
const operator = { setup: 10, maxSetup: 20, check: 5, maxCheck: 15 }

test('a repository may lower its limits, and raise them up to what the operator allows', () => {
  const limitsOf = (wanted: { setup?: number; check?: number }, runMinutes = 30) => {
    const { limits, problems } = limitCommands(operator, { wanted, runMinutes })
    const minutes = [limits.setupMs, limits.checkMs, limits.checksMs].map((ms) => ms / MINUTE)
    return [...minutes, ...problems]
  }
  expect(limitsOf({})).toEqual([10, 5, 15])
  expect(limitsOf({ setup: 1, check: 0.5 })).toEqual([1, 0.5, 15])
  expect(limitsOf({ setup: 20, check: 15 })).toEqual([20, 15, 15])
  expect(limitsOf({ setup: 99, check: 60 })).toEqual([
    ...[20, 15, 15],
    '.github/backspace.yml asks for 99 setup-minutes, and the operator allows 20: the limit is 20.',
    '.github/backspace.yml asks for 60 check-minutes, and the operator allows 15: the limit is 15.',
  ])
  // No step takes longer than the run.
  expect(limitsOf({}, 1)).toEqual([1, 1, 1])
  expect(minutesInAll(operator, 1)).toBe(9)
  expect(minutesInAll(operator, 30)).toBe(85)
})

test('a check gets on the change what it took before, five times, and a check that did not end a part of it', () => {
  const before = (exitCode: number, durationMs: number) => ({ exitCode, durationMs })
  const limit = 5 * MINUTE
  expect(limitAfter(undefined, limit)).toBe(limit)
  expect(limitAfter(before(0, 2000), limit)).toBe(MINUTE)
  expect(limitAfter(before(0, 30_000), limit)).toBe(150_000)
  expect(limitAfter(before(0, 100_000), limit)).toBe(limit)
  expect(limitAfter(before(0, 200_000), limit)).toBe(400_000)
  // One that failed may have failed early.
  expect(limitAfter(before(1, 2000), limit)).toBe(limit)
  expect(limitAfter(before(1, 200_000), limit)).toBe(400_000)
  expect(limitAfter(before(127, 20), limit)).toBe(limit)
  expect(limitAfter(before(124, limit), limit)).toBe(MINUTE)
  expect(limitAfter(before(124, MINUTE), MINUTE)).toBe(15_000)
})

test('limits read as people say them', () => {
  expect([60_000, 300_000, 40_000, 90_000].map(limitText)).toEqual([
    '1 minute',
    '5 minutes',
    '40.0 s',
    '1 min 30 s',
  ])
})

test.each([
  [
    'vitest dev',
    ' DEV  v3.0.5 /w\n ✓ a.test.ts (1 test)\n PASS  Waiting for file changes...\n       press h to show help, press q to quit',
    'a watcher',
  ],
  ['npm test', '> a@1.0.0 test\n> jest --watchAll\n\nPASS ./a.test.js', 'a watcher: `jest --watchAll`'],
  ['npm test', '> a@1.0.0 test\n> vitest\n', 'a watcher: `vitest`'],
  [
    'npx tsc -w',
    'Found 0 errors. Watching for file changes.',
    'a watcher: `Found 0 errors. Watching for file changes.`',
  ],
  ['npm run dev', '[nodemon] watching path(s): *.*', 'a watcher'],
  ['cargo watch -x test', '', 'a watcher: `cargo watch -x test`'],
  ['./gradlew -t test', 'Waiting for changes to input files... (ctrl-d to exit)', 'a watcher'],
  [
    'npm start',
    'Server listening on http://localhost:3000',
    'a server: `Server listening on http://localhost:3000`',
  ],
  ['npm start', '  VITE v5.0.0  ready in 300 ms\n\n  ➜  Local:   http://localhost:5173/', 'a server'],
  ['make test', ' * Running on http://127.0.0.1:5000', 'a server'],
  ['python3 manage.py runserver', '', 'a server'],
  ['mvn archetype:generate', "Define value for property 'groupId': ", 'wait for an answer'],
  ['npx create-thing', 'Need to install the following packages:\nOk to proceed? (y)', 'wait for an answer'],
  ['git fetch', "Username for 'https://github.com': ", 'wait for an answer'],
  ['make test', '', 'it printed nothing'],
  ['make test', 'one\ntwo `x` <b>@everyone</b>', 'its last line is ``two `x`'],
])('%j that prints %j looks like %s', (command, output, what) => {
  const why = whyNoEnd({ command, output, limitMs: 5 * MINUTE })
  expect(why).toContain(what)
  expect(why).toMatch(/^did not end within 5 minutes; /)
})

test.each([
  ['a heading of a report', 'Bundling\n\nWarnings:'],
  ['a line above that goes on', 'Bundling:\n  a.ts\n  b.ts'],
  ['a test that started a server and hangs later', 'ok 1 - starts\nok 2 - stops\nok 3 - parses'],
  [
    'a compiler of Maven',
    '[INFO] Changes detected - recompiling the module! :source\n[INFO] Compiling 3 files',
  ],
  ['a build that names a watch', 'Compiling stopwatch v1.0.0\nCompiling watchtower v0.1'],
])('%s is not taken for a watcher, nor for a question', (_, output) => {
  expect(whyNoEnd({ command: 'node --test', output, limitMs: MINUTE })).toContain('its last line is')
})
