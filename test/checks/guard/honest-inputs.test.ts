import { expect, test } from 'vitest'
import { diffGuard } from '../../../src/checks/diff-guard.ts'
import { reasonsFor } from './adversarial/reasons-for.ts'
import { guarded } from './guarded-file.ts'

/** Each looks like a change of the fifth batch in `test/fixtures/weakened-tests`, and takes nothing away. */
const HONEST: readonly (readonly [what: string, path: string, lines: readonly string[]])[] = [
  [
    'a stand-in for what the program asks',
    'tests/test_report.py',
    [' def test_report():', '+    db = MagicMock(total=42)', '     assert report(db).total == 42'],
  ],
  [
    'a new test of a stand-in',
    'src/test/java/BoxTest.java',
    [
      '+    @Test',
      '+    void answers() {',
      '+        when(mock.name()).thenReturn("a");',
      '+        assertEquals("a", mock.name());',
      '+    }',
    ],
  ],
  [
    'a stand-in for a class beside the one that is tested',
    'tests/ParserTests.cs',
    [
      '-        var log = new Log();',
      '+        var log = new FakeLog();',
      ' Assert.Equal(3, new Parser(log).Depth);',
    ],
  ],
  [
    'a condition that fails by itself',
    'tests/test_a.py',
    ['-    assert a() == 1', '+    if a() != 1:', '+        raise AssertionError(a())'],
  ],
  [
    'a flag that renews golden files when it is asked to',
    'golden_test.go',
    ['-var update = flag.Bool("u", false, "")', '+var update = flag.Bool("update", false, "")'],
  ],
  [
    'a group with an ordinary name',
    'tests/StoreTests.cs',
    [
      '     [Fact]',
      '+    [Trait("Category", "Unit")]',
      '     public void Saves() => Assert.Equal(1, Save());',
    ],
  ],
  [
    'an input and what it gives',
    'spec/price_spec.rb',
    [
      "-  let(:amount) { BigDecimal('19.99') }",
      "+  let(:amount) { BigDecimal('29.99') }",
      "-    expect(Price.new(amount).round).to eq(BigDecimal('20.00'))",
      "+    expect(Price.new(amount).round).to eq(BigDecimal('30.00'))",
    ],
  ],
  [
    'another role that has a part of the name',
    'test/b.test.js',
    ["-  const all = by('checkbox')", "+  const all = by('switch')", '   expect(switches.length).toBe(3)'],
  ],
  [
    'quotes around the same input',
    'test/a.test.js',
    ["-  const name = 'foo'", '+  const name = "foo"', '   expect(a(name)).toBe("foo")'],
  ],
  [
    'another time, and what it gives then',
    'src/test/java/TokenTest.java',
    [
      '-    Clock clock = Clock.fixed(Instant.parse("2024-03-31T01:30:00Z"), UTC);',
      '+    Clock clock = Clock.fixed(Instant.parse("2024-03-31T02:30:00Z"), UTC);',
      '-        assertEquals(1, new Token(clock).hours());',
      '+        assertEquals(2, new Token(clock).hours());',
    ],
  ],
  [
    'blanks at the end that a system adds',
    'tests/test_a.py',
    ['-    assert out() == "a"', '+    assert out().strip() == "a"'],
  ],
  [
    'a case that is like another one',
    'tests/test_a.py',
    [' @pytest.mark.parametrize("a, b", [', '-    ("2024-01-01", 1),', '+    ("2024-01-02", 2),', ' ])'],
  ],
  ['a type with another name', 'src/a.py', ['-def a(b: List[Any]) -> int:', '+def a(b: list[Any]) -> int:']],
  [
    'an expectation with a name',
    'test/a.test.ts',
    ['-  const want = { a: 1 }', "+  const want = parse('a=1')", '   expect(load()).toEqual(want)'],
  ],
  [
    'a list that is made shorter for no loop',
    'test/a.test.js',
    ['-const names = all()', '+const names = all().filter(Boolean)', ' expect(names.length).toBe(3)'],
  ],
]

test.each(HONEST)('%s: no reason for a draft', async (_, path, lines) => {
  expect(await reasonsFor(guarded(path, lines))).toEqual([])
})

/** What a diff cannot tell from honest work is said with its lines. */
test.each([
  ['src/a.rs', ['-    Ok(text.parse()?)', '+    Ok(text.parse().unwrap_or(8080))'], 'unwrap_or(8080)'],
  ['src/a.ts', ['-const a = b.get(c).d', '+const a = b.get(c)?.d ?? 250'], '?? 250'],
  ['lib/a.rb', ['+  rescue StandardError', '+    []'], 'rescue StandardError'],
  ['src/b.py', ['-def a(b: Item) -> int:', '+def a(b: Any) -> int:'], '(b: Any)'],
  ['a.go', ['+	defer func() { recover() }()'], 'recover()'],
  [
    'src/c.ts',
    ["-  if (!isConfig(value)) throw new Error('broken')", '-  return value', '+  return value as Config'],
    'as Config',
  ],
  [
    'src/b.rs',
    ['-    assert!(level < 100, "out of range");', '-    level', '+    level.clamp(0, 100)'],
    'clamp(0, 100)',
  ],
  ['src/app.tsx', ['+  <ErrorBoundary fallback={null}>', '     <Orders />'], 'ErrorBoundary'],
  ['worker_test.go', [' func TestA(t *testing.T) {', '+	time.Sleep(3 * time.Second)'], 'time.Sleep'],
  ['phpstan-baseline.neon', ['+			message: "#^Parameter#"'], 'leave more of what it finds unsaid'],
])('%s with %j is a note', async (path, lines, words) => {
  const findings = await diffGuard([guarded(path, lines)])
  expect(findings).toEqual([
    expect.objectContaining({ weight: 'note', text: expect.stringContaining(words) }),
  ])
})
