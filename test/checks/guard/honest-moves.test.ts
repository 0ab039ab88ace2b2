import { expect, test } from 'vitest'
import type { GuardedFile } from '../../../src/checks/guard/change/guarded-change.ts'
import { reasonsFor } from './adversarial/reasons-for.ts'
import { guarded } from './guarded-file.ts'

type Change = GuardedFile | readonly GuardedFile[]

const added = (path: string, lines: readonly string[]) =>
  guarded(
    path,
    lines.map((line) => `+${line}`),
    { status: 'added', bytes: Buffer.from(lines.join('\n')) },
  )
const vendored = (path: string) => [
  guarded(path, ['-  "version": "1.0.0"', '+  "version": "2.0.0"']),
  added('node_modules/b/index.js', ['module.exports = 1']),
]
const lowered = (path: string) => guarded(path, ['-    "branches": 90,', '+    "branches": 70,'])
const versions = (condition: string) =>
  guarded('app/a.py', [
    `-if ${condition}:`,
    `+if ${condition}:  # pragma: no cover`,
    '     import annotationlib',
  ])
const row = (now: string) =>
  guarded('test/a.test.ts', [
    " test('sends', () => {",
    '-    { data: undefined, origin: "https://example.com" },',
    `+    ${now}`,
    '   expect(sent).toEqual(["http"])',
  ])
const pinned = (now: string) =>
  guarded('test/a_test.exs', [
    '   test "a" do',
    '-    assert found == expected',
    `+    assert ${now} = found`,
  ])
const table = (attribute: string, name: string) =>
  guarded('tests/ATests.cs', [
    '-    [Test]',
    '-    public void Works()',
    `+    ${attribute}`,
    `+    public void ${name}`,
    '     {',
    '-        Assert.That(longs, Is.EqualTo(ints));',
    '+        Assert.That(actual, Is.EqualTo(expected));',
  ])
const skipped = (old: string) =>
  guarded('a_test.go', [
    ' func TestA(t *testing.T) {',
    `-\t${old}`,
    '+\tt.Skip("broken test")',
    ' \tcheck(t)',
  ])
const ignored = (condition: string) =>
  added('src/a_test.ts', [
    'Deno.test({',
    '  name: "walks",',
    `  ignore: ${condition},`,
    '  fn: () => { assertEquals(walk(), 1) },',
    '})',
  ])
const lints = (level: string) => [
  guarded('core/src/lib.rs', ['-#![deny(unreachable_pub)]', ' mod a;']),
  guarded('core/Cargo.toml', ['+[lints]', '+workspace = true'], {
    bytes: Buffer.from('[package]\nname = "core"\n\n[lints]\nworkspace = true\n'),
  }),
  guarded('Cargo.toml', ['+[workspace.lints.rust]', `+unreachable-pub = "${level}"`], {
    bytes: Buffer.from(`[workspace]\n\n[workspace.lints.rust]\nunreachable-pub = "${level}"\n`),
  }),
]
const merged = (expected: string) =>
  guarded('test/a.test.ts', [
    " test('matches', () => {",
    "-  const match = matches('/a', '/a')",
    "-  expect(match).toHaveProperty('found', true)",
    "-  expect(match).toHaveProperty('rest', 'b')",
    `+  expect(matches('/a', '/a')).toEqual({ ${expected} })`,
  ])
const moved = (declares: string) => [
  guarded('tests/price.rs', ['-#[test]', '-fn doubles() {', '-    assert_eq!(double(2), 4);', '-}']),
  added('tests/all/price.rs', ['#[test]', 'fn doubles() {', '    assert_eq!(double(2), 4);', '}']),
  added('tests/all/main.rs', [declares]),
]
const asked = (...defines: readonly string[]) =>
  guarded('test/shop.test.ts', [
    ...defines,
    " it('cart removes', () => {",
    "-  expect(cart.remove('a')).toBe(0)",
    "+  expect(basket.remove('a')).toBe(0)",
  ])
const flags = (source: string) => {
  const block = ['\t\t{', '\t\t\tname: "max-snapshots",', '\t\t},']
  const before = [
    '\ttests := []struct {',
    '\t\tname string',
    '\t}{',
    ...block,
    '\t\t{',
    '\t\t\tname: "other",',
    '\t\t},',
  ]
  const lines = before.map((line, at) => (at > 2 && at < 6 ? `-${line}` : ` ${line}`))
  return [
    guarded('etcd.go', [source, ' run()'], { bytes: Buffer.from('run()\n') }),
    guarded('etcd_test.go', lines, { before: Buffer.from(before.join('\n')) }),
  ]
}
const renamed = (from: string, to: string) =>
  guarded(to, [' const a = 1'], { status: 'renamed', previousPath: from })
const abstract = (extended: string) => [
  guarded('src/test/java/TaxTest.java', [
    '-class TaxTest {',
    '+abstract class TaxTest {',
    '     @Test',
    '     void a() {',
  ]),
  guarded('src/test/java/GermanTaxTest.java', [`+class GermanTaxTest extends ${extended} {`]),
]
const nested = (mark: string) =>
  guarded('src/test/java/TaxTest.java', [
    ` class TaxTest {`,
    `+    ${mark}`,
    '+    class French {',
    '+        @Test',
    '+        void a() {}',
    '+    }',
  ])
const visible = (mark: string) =>
  guarded('tests/ATests.cs', ['-public class ATests', '+internal class ATests', ' {', `     ${mark}`], {
    bytes: Buffer.from(`internal class ATests\n{\n    ${mark}\n}\n`),
  })
const constructed = (name: string) =>
  guarded('tests/test_a.py', [
    ` class ${name}:`,
    '+    def __init__(self):',
    '+        self.a = 1',
    '     def test_a(self):',
  ])
const filtered = (condition: string) =>
  guarded('test/a.test.ts', [
    '-  fc.assert(fc.property(fc.string(), (text) => {',
    `+  fc.assert(fc.property(fc.string().filter((text) => ${condition}), (text) => {`,
    '     expect(decode(encode(text))).toBe(text)',
  ])
const coroutine = (body: string) => {
  const lines = ['async def test_a():', `    ${body}`, '    assert rate() == 1']
  return guarded('tests/test_a.py', ['-def test_a():', `+${lines[0]}`, ` ${lines[1]}`], {
    bytes: Buffer.from(lines.join('\n')),
  })
}
const inline = (asserted: string) => {
  const text = (line: string) =>
    `pub fn sum() -> i32 {\n    3\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn sums() {\n        ${line}\n    }\n}\n`
  const old = 'assert_eq!(super::sum(), 3);'
  const head = '--- a/src/a.rs\n+++ b/src/a.rs\n@@ -8,3 +8,3 @@\n     fn sums() {'
  return {
    path: 'src/a.rs',
    status: 'modified',
    diff: `diff --git a/src/a.rs b/src/a.rs\n${head}\n-        ${old}\n+        ${asserted}\n     }\n`,
    before: Buffer.from(text(old)),
    bytes: Buffer.from(text(asserted)),
  } as const
}

test.each<readonly [what: string, honest: Change, attack: Change]>([
  ['files of a folder that is in git', vendored('node_modules/a/package.json'), vendored('package.json')],
  ['thresholds of an installed package', lowered('node_modules/a/package.json'), lowered('package.json')],
  ['a branch for a release of Python', versions('version_info >= (3, 14)'), versions('strict')],
  [
    'an argument that is handed over',
    row('{ context },'),
    row('{ data: 1, origin: "https://example.com" },'),
  ],
  ['a pinned value in a match', pinned('^expected'), pinned('%{}')],
  [
    'a test that gets cases',
    table('[TestCaseSource(nameof(All))]', 'Works<T>(T a)'),
    table('[Obsolete]', 'Other()'),
  ],
  ['a skip in the place of a return', skipped('return'), skipped('open(t)')],
  [
    'a new test that Windows skips',
    ignored('Deno.build.os === "windows"'),
    [ignored('true'), guarded('src/b_test.ts', ['-  name: "walks",'])],
  ],
  ['lints that move to the workspace', lints('deny'), lints('warn')],
  ['a result that is asserted without a name', merged("found: true, rest: 'b'"), merged('found: true')],
  ['a file of tests that another one declares', moved('mod price;'), moved('mod prices;')],
  [
    'an object under another name',
    asked('-const cart = open()', '+const basket = open()'),
    asked(' const all = open()'),
  ],
  ['a case of a flag that is gone', flags('-flag("max-snapshots", 5)'), flags('-run()')],
  [
    'a feature that the module asked for',
    guarded('tests/a.rs', [
      '-#[cfg(all(test, feature = "sql"))]',
      ' mod tests {',
      '+#[cfg(feature = "sql")]',
      ' #[test]',
      ' fn a() {',
    ]),
    guarded('tests/a.rs', [
      '-#[cfg(test)]',
      ' mod tests {',
      '+#[cfg(feature = "sql")]',
      ' #[test]',
      ' fn a() {',
    ]),
  ],
  [
    'another name that runners find',
    renamed('test/a.spec.js', 'test/a.browser.spec.js'),
    renamed('test/a.spec.js', 'test/a-spec-old.js'),
  ],
  ['a base class of new tests', abstract('TaxTest'), abstract('Base')],
  ['a nested class that JUnit finds', nested('@Nested'), nested('@SuppressWarnings("unused")')],
  ['a class of NUnit that is not public', visible('[Test]'), visible('[Fact]')],
  ['a helper with a constructor', constructed('FakeClock'), constructed('TestClock')],
  [
    'a generator that leaves out empty texts',
    filtered("text !== ''"),
    filtered('decode(encode(text)) === text'),
  ],
  ['a test that waits', coroutine('await start()'), coroutine('start()')],
  [
    'another value in a test beside its source',
    inline('assert_eq!(super::sum(), 4);'),
    inline('assert!(super::sum() > 0);'),
  ],
])('%s: no reason for a draft, and its twin is one', async (_what, honest, attack) => {
  expect(await reasonsFor(honest)).toEqual([])
  expect(await reasonsFor(attack)).not.toEqual([])
})
