import { expect, test } from 'vitest'
import type { GuardedFile } from '../../../src/checks/guard/change/guarded-change.ts'
import { steeringOf } from '../../../src/pipeline/gate/steering.ts'
import { needsDraft } from '../../../src/pipeline/gate/steering-later.ts'
import { reasonsFor } from './adversarial/reasons-for.ts'
import { guarded } from './guarded-file.ts'

/** Each rule that lets an honest change pass, with a change that would use it. */
interface Pair {
  readonly what: string
  readonly honest: GuardedFile
  readonly dishonest: GuardedFile
}

const python = (...lines: readonly string[]) => guarded('tests/test_a.py', lines)
const script = (...lines: readonly string[]) => guarded('test/a.test.ts', lines)

/** A file that loses a test; both sides are known. */
function losing(test: readonly string[], rest: readonly string[]): GuardedFile {
  const [before, bytes] = [[...test, ...rest], rest].map((lines) => Buffer.from(`${lines.join('\n')}\n`))
  return guarded('test/b.test.ts', [...test.map((line) => `-${line}`), ` ${rest[0]}`], { before, bytes })
}

const LOOP = ['-while 1:', '-    if len(seen) == 10:', '-        break', '-assert len(seen) == 10']
const HELPER = [
  ' def clear_cache():',
  '+    if os.environ.get("CLEAR") is None:',
  '+        return',
  '     subprocess.call(["purge"])',
]
const TWICE = [
  "it('encodes', (done) => {",
  "  const app = make('x')",
  '  app.run()',
  '  expect(app.out).toBe(1)',
  '})',
]
const ONCE = ["it('encodes a path', (done) => {", ...TWICE.slice(1)]
const ROW = '\t\t{"/admin%2Fsecret.txt", http.StatusNotFound, "none"},'

const PAIRS: readonly Pair[] = [
  {
    what: 'an assertion that only has another indentation',
    honest: python(
      ...LOOP,
      '+with consumer():',
      '+    while 1:',
      '+        if len(seen) == 10:',
      '+            break',
      '+    assert len(seen) == 10',
    ),
    dishonest: python(
      ...LOOP,
      '+with consumer():',
      '+    while 1:',
      '+        if len(seen) == 10:',
      '+            break',
    ),
  },
  {
    what: 'code below a condition that never holds, in a test of types',
    honest: script(
      "+it('refuses a name', () => {",
      '+  if (false) {',
      '+    store.trigger.unknown()',
      '+  }',
      '+  expect(store.size).toBe(0)',
      '+})',
    ),
    dishonest: script(
      " it('refuses a name', () => {",
      '+  if (false) {',
      '     expect(store.size).toBe(0)',
      '+  }',
      ' })',
    ),
  },
  {
    what: 'a return that leaves a function of its own',
    honest: script(
      "+it('closes', async () => {",
      '+  try {',
      '+    await run()',
      '+  } finally {',
      '+    server.close((error) => {',
      '+      if (error) {',
      '+        return',
      '+      }',
      '+    })',
      '+  }',
      '+  expect(a()).toBe(1)',
      '+})',
    ),
    dishonest: script(
      " it('closes', async () => {",
      '+  try {',
      '     expect(a()).toBe(1)',
      '+  } finally {',
      '+    return',
      '+  }',
      ' })',
    ),
  },
  {
    what: 'a helper without an assertion that asks for the environment',
    honest: python(...HELPER, ' ', ' def test_a():', '     assert a() == 1'),
    dishonest: python(
      ' def clear_cache():',
      '+    if os.environ.get("CLEAR") is None:',
      '+        return',
      '     assert a() == 1',
      ' ',
      ' def test_a():',
    ),
  },
  {
    what: 'an import that a linter says nothing of',
    honest: guarded('src/a.py', [
      '-from a import (  # noqa',
      '-    B,',
      '-    C,',
      '-)',
      '+from a import B  # noqa',
      '+from a import C  # noqa',
    ]),
    dishonest: guarded('src/a.py', ['-pay("a")', '+pay("a")  # noqa']),
  },
  {
    what: 'a number in a comment of a build',
    honest: guarded('build.gradle', ['-// We target 16 for compatibility', '-def a = 1', '+def b = 1']),
    dishonest: guarded('build.gradle', ['-    minimum = 0.9', '+    minimum = 0.1']),
  },
  {
    what: 'a skip on other systems and processors',
    honest: python(
      '+@pytest.mark.skipif(',
      '+    sys.platform != "linux" or platform.machine() != "x86_64",',
      '+    reason="too slow",',
      '+)',
      ' def test_a():',
    ),
    dishonest: python(
      '+@pytest.mark.skipif(',
      '+    sys.platform != "linux" or not FULL,',
      '+    reason="too slow",',
      '+)',
      ' def test_a():',
    ),
  },
  {
    what: 'a cast that is gone',
    honest: script(
      "-  t.true(get(plain as Record<string, unknown>, 'isStream') === true)",
      "+  t.true(get(plain, 'isStream') === true)",
    ),
    dishonest: script(
      "-  t.true(get(plain as Record<string, unknown>, 'isStream') === true)",
      '+  t.true(get(plain))',
    ),
  },
  {
    what: 'a callback over several lines that fills a list',
    honest: script(
      ' const seen = []',
      "-bus.on('a', (event) => seen.push(event))",
      "+bus.on('a', (event) => {",
      '+  seen.push(event)',
      '+})',
      ' expect(seen).toEqual([1])',
    ),
    dishonest: script(
      ' const seen = []',
      "-bus.on('a', (event) => seen.push(event))",
      '+seen.push(1)',
      ' expect(seen).toEqual([1])',
    ),
  },
  {
    what: 'the opposite of a truth',
    honest: python('-    assert not scope.is_relative', '+    assert scope.is_relative'),
    dishonest: python('-    assert not scope.is_relative', '+    assert scope.is_relative is not None'),
  },
  {
    what: 'another form of one assertion of AVA',
    honest: script('-  t.is(response.isCached, false)', '+  t.false(response.isCached)'),
    dishonest: script('-  t.is(response.isCached, false)', '+  t.truthy(response)'),
  },
  {
    what: 'a test that stood there twice',
    honest: losing(ONCE, TWICE),
    dishonest: losing(ONCE, TWICE.with(1, "  const app = make('y')")),
  },
  {
    what: 'a case with a line for each field',
    honest: guarded('a_test.go', [
      ' \tcases := []struct {',
      ' \t\tpath string',
      ' \t}{',
      `-${ROW}`,
      '+\t\t{',
      '+\t\t\tpath: "/admin%2Fsecret.txt",',
      '+\t\t\tcode: http.StatusNotFound,',
      '+\t\t\tbody: "none",',
      '+\t\t},',
      ' \t}',
    ]),
    dishonest: guarded('a_test.go', [
      ' \tcases := []struct {',
      ' \t\tpath string',
      ' \t}{',
      `-${ROW}`,
      ' \t}',
    ]),
  },
]

test.each(PAIRS)('$what makes no draft', async ({ honest }) => {
  expect(await reasonsFor(honest)).toEqual([])
})

test.each(PAIRS)('what would use “$what” makes one', async ({ dishonest }) => {
  expect(await reasonsFor(dishonest)).not.toEqual([])
})

test('pages of a site take nothing from what is compared', async () => {
  const page = guarded(
    'docs/api/a.html',
    ['+x'.repeat(1)].concat(Array.from({ length: 700 }, () => `+${'a '.repeat(800)}`)),
  )
  const weakened = python('-    assert a() == 3', '+    assert a() is not None')
  expect(await reasonsFor([page, weakened])).not.toEqual([])
  expect(await reasonsFor([page])).toEqual([])
})

const hook = (lines: string) =>
  Buffer.from(
    `repos:\n- repo: https://github.com/astral-sh/ruff-pre-commit\n  rev: v0.15.9\n  hooks:\n  - id: ruff-check\n${lines}`,
  )

test('the name under which a hook is shown makes no draft; what it starts does', () => {
  const drafts = (lines: string) =>
    steeringOf({
      path: '.pre-commit-config.yaml',
      status: 'modified',
      before: hook(''),
      bytes: hook(lines),
    }).filter(needsDraft)
  expect(drafts('    name: ruff | sources\n')).toEqual([])
  expect(drafts('    entry: ./run.sh\n')).not.toEqual([])
})
