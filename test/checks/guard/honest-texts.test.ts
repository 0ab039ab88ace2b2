import { expect, test } from 'vitest'
import type { GuardedFile } from '../../../src/checks/guard/change/guarded-change.ts'
import { reasonsFor } from './adversarial/reasons-for.ts'
import { guarded } from './guarded-file.ts'

type Change = GuardedFile | readonly GuardedFile[]

const RULE = ["ruleTester.run('no-skip', rule, {", '  valid: [', '    dedent`', '  ],', '})']
/** A test of a linter that gets a case: code in a template, or in the test itself. */
const linted = (...lines: readonly string[]) =>
  guarded(
    'test/no-skip.test.ts',
    [` ${RULE[0]}`, ` ${RULE[1]}`, ...lines.map((line) => `+${line}`), ` ${RULE[3]}`, ` ${RULE[4]}`],
    {
      before: Buffer.from(RULE.join('\n')),
      bytes: Buffer.from([RULE[0], RULE[1], ...lines, RULE[3], RULE[4]].join('\n')),
    },
  )
const marked = (use: string) => [
  guarded('tests/helper.py', ['+needs_links = pytest.mark.skipif(not links(), reason="no links")']),
  guarded('tests/test_a.py', [`+${use}`, ' def test_reads():', '     assert read() == 1']),
]
const attributed = (name: string) =>
  guarded('tests/test_a.py', [
    '-    run(device="mps")',
    '+@pytest.mark.skipif(',
    '+    not has("mps"),',
    '+    reason="requires mps",',
    '+)',
    `${name === 'test_new' ? '+' : ' '}def ${name}():`,
    '     assert read() == 1',
  ])
const example = (mark: string) =>
  guarded('src/a.rs', ['-/// ```', `+/// \`\`\`${mark}`, ' /// let a = 1;', ' pub fn a() {}'])
const listed = (now: string) =>
  guarded('test/a.test.js', [
    " test('publishes', () => {",
    "-  assert.deepEqual(calls.at(-1).arguments[0], ['publish', '.', '--workspaces=false'])",
    `+  ${now}`,
  ])
const members = (now: string) =>
  guarded('test/a_test.exs', [
    '   test "sorts" do',
    '-    assert names == Enum.sort(names)',
    '-    assert "alpha" in names',
    '-    assert "zulu" in names',
    `+    assert ${now}`,
  ])
const callback = (removed: string) => [
  guarded('stream.go', [removed, '+func (s *stream) OnSize(f func(int)) {'], {
    bytes: Buffer.from('package a\n'),
  }),
  guarded('stream_test.go', [
    ' func TestSize(t *testing.T) {',
    '-\tsize, err := str.WaitForSize(ctx)',
    '-\trequire.NoError(t, err)',
    '+\tvar size int',
    '+\tstr.OnSize(func(s int) { size = s })',
    ' \trequire.EqualValues(t, 6, size)',
  ]),
]
const reads = (path: string) =>
  guarded(path, ["+const known = readFileSync('test/fixtures/expected.json', 'utf8')"])
const throwing = (now: readonly string[]) =>
  guarded('test/a.test.ts', [
    '-    expect(() =>',
    '-      debounce(identity(), { wait: 32 }),',
    '-    ).toThrowError("less")',
    ...now.map((line) => `+    ${line}`),
  ])

test.each<readonly [string, Change, Change]>([
  [
    'code that a rule of a linter is tried with',
    linted('    dedent`', "      xit('a', () => {", '        expect(1).toBe(1)', '      })', '    `,'),
    linted('    // `', "      xit('a', () => {})", '    // `'),
  ],
  ['a line of such code', linted("    'xit()',"), linted("    xit('a', () => {}),")],
  ['a mark that gets a name', marked('@slow'), marked('@needs_links')],
  ['an attribute of several lines of a new test', attributed('test_new'), attributed('test_reads')],
  ['an example that another system ignores', example('ignore-wasm'), example('ignore')],
  [
    'a list with fewer members',
    listed("assert.deepEqual(calls.at(-1).arguments[0], ['publish', '.'])"),
    listed("assert.ok(calls.at(-1).arguments[0].includes('publish'))"),
  ],
  ['one list for several members', members('names == ["alpha", "zulu"]'), members('names == ["alpha"]')],
  [
    'an error of a function that is gone',
    callback('-func (s *stream) WaitForSize(ctx context.Context) (int, error) {'),
    callback('-func (s *stream) Other() {'),
  ],
  ['a script that reads data of tests', reads('scripts/check.mjs'), reads('src/report.mjs')],
  [
    'an assertion of an error on other lines',
    throwing(['expect(() => debounce(identity(), { wait: 32 })).toThrow("less")']),
    throwing(['expect(() => debounce(identity(), { wait: 32 }))']),
  ],
])('%s: no reason for a draft, and its twin is one', async (_what, honest, attack) => {
  expect(await reasonsFor(honest)).toEqual([])
  expect(await reasonsFor(attack)).not.toEqual([])
})
