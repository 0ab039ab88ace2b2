import { expect, test } from 'vitest'
import { type Case, reasonsFor } from './adversarial/reasons-for.ts'
import { guarded } from './guarded-file.ts'

/** Each looks like something that an adversarial change does, and takes nothing away. */
const HONEST: readonly Case[] = [
  // Another form.
  [
    'a formatter that moves brackets',
    guarded('tests/test_a.py', [
      '-    assert (',
      '-        response.text == "x"',
      '-    ), "says x"',
      '+    assert response.text == "x", (',
      '+        "says x"',
      '+    )',
    ]),
  ],
  [
    'what is not equal, in other words',
    guarded('src/test/java/ATest.java', ['-    assertFalse(a.equals(b));', '+    assertNotEquals(a, b);']),
  ],
  ['identity', guarded('tests/test_a.py', ['-    assert type(x) == int', '+    assert type(x) is int'])],
  ['a stricter one', guarded('test/a.test.js', ['-  expect(a()).toBeTruthy()', '+  expect(a()).toBe(3)'])],
  [
    'what Go says of a failure',
    guarded('a_test.go', [
      '-\t\tt.Errorf("Unexpected output: %v", err)',
      '+\t\tt.Errorf("Unexpected output: %v", out)',
    ]),
  ],
  [
    'a comment behind an assertion',
    guarded('tests/test_a.py', ['-    assert used == 0  # not supported', '+    assert used == 0']),
  ],
  [
    'no error is one result',
    guarded('a_test.go', ['-\trequire.ErrorIs(t, err, ErrA)', '+\trequire.NoError(t, err)']),
  ],
  // Tests that others take the place of.
  [
    'cases of a table',
    guarded('tests/test_a.py', [
      '-def test_one():',
      '-    assert double(1) == 2',
      '-',
      '-def test_two():',
      '-    assert double(2) == 4',
      '+@pytest.mark.parametrize("n, want", [(1, 2), (2, 4)])',
      '+def test_double(n, want):',
      '+    assert double(n) == want',
    ]),
  ],
  [
    'cases of a table in Java',
    guarded('src/test/java/ATest.java', [
      '-    @Test',
      '-    void throwsOnLetters() {',
      "-        assertIllegal(() -> toInt('G'));",
      "-        assertIllegal(() -> toInt('H'));",
      '-    }',
      '+    @ParameterizedTest',
      "+    @ValueSource(chars = {'G', 'H'})",
      '+    void throwsOnLetters(final char ch) {',
      '+        assertIllegal(() -> toInt(ch));',
      '+    }',
    ]),
  ],
  [
    'another name for a test',
    guarded('a_test.go', [
      '-func TestDeperecated(t *testing.T) {',
      '+func TestDeprecated(t *testing.T) {',
      ' \tx()',
    ]),
  ],
  [
    'a spec of what is deleted',
    [
      guarded(
        'spec/encrypted_cookie_spec.rb',
        ["-  it 'works' do", '-    expect(last_response).to be_ok', '-  end'],
        {
          status: 'deleted',
        },
      ),
      guarded('lib/encrypted_cookie.rb', ['-class EncryptedCookie', '-end'], { status: 'deleted' }),
    ],
  ],
  [
    'a table that is written anew, with as many cases',
    guarded('a_test.go', [
      ' \tfor _, c := range []struct{ in, want int }{',
      '-\t\t{1, 2},',
      '-\t\t{2, 4},',
      '+\t\t{10, 20},',
      '+\t\t{20, 40},',
      ' \t} {',
    ]),
  ],
  // Assertions.
  [
    'a new test whose failure is a call',
    guarded('test/a.test.js', [
      "+test('does not log', t => {",
      "+  run({ info: () => t.assert.fail('called') })",
      '+  t.assert.ok(true)',
      '+})',
    ]),
  ],
  [
    'as much on either branch',
    guarded('test/a.test.js', [
      '-  t.assert.strictEqual(get().status, 200)',
      "+  if (method === 'QUERY') {",
      '+    t.assert.strictEqual(query().status, 200)',
      '+  } else {',
      '+    t.assert.strictEqual(get().status, 200)',
      '+  }',
    ]),
  ],
  [
    'what must be closed in the end',
    guarded('test/a.test.js', [
      '-  expect(a()).toBe(1)',
      '+  try {',
      '+    expect(a()).toBe(1)',
      '+  } finally {',
      '+    b.close()',
      '+  }',
    ]),
  ],
  [
    'a mock of what the subject uses',
    guarded('test/greet.test.js', [
      "+  vi.spyOn(api, 'load').mockReturnValue(1)",
      '+  expect(greet()).toBe(1)',
    ]),
  ],
  [
    'tests in the file that they test',
    guarded('src/rules/a.py', ['+if "pytest" in sys.modules:', '+    import pytest']),
  ],
  // Other systems.
  [
    'Windows',
    guarded('tests/test_a.py', [
      '+@pytest.mark.skipif(sys.platform == "win32", reason="x")',
      ' def test_a():',
    ]),
  ],
  ['Miri', guarded('tests/a.rs', [' #[test]', '+#[cfg_attr(miri, ignore)]', ' fn adds() {'])],
  ['JUnit on Windows', guarded('src/test/java/ATest.java', ['+    @DisabledOnOs(OS.WINDOWS)', '     @Test'])],
  ['a tag that holds here', guarded('a_test.go', ['+//go:build !windows', ' package a'])],
  [
    'an option that is called skip',
    guarded('test/a.test.js', ['+  t.assert.ok(isDisabled({ skip: true }))']),
  ],
  // Settings.
  ['benchmarks', guarded('Cargo.toml', ['+[[bench]]', '+name = "a"', '+harness = false'])],
  [
    'fewer repetitions',
    guarded('playwright.config.ts', ['-  retries: 1,', '+  retries: process.env.CI ? 1 : undefined,']),
  ],
  [
    'another way to write a name',
    guarded('playwright.config.ts', [
      '-  retries: process.env.CI ? 3 : 0,',
      "+  retries: process.env['CI'] ? 3 : 0,",
    ]),
  ],
  [
    'one more command',
    guarded('package.json', [
      '-    "test": "npm run unit",',
      '+    "test": "npm run unit && npm run memory",',
    ]),
  ],
  [
    'another name for a script',
    guarded('package.json', ['-    "test:typescript": "tsc -p .",', '+    "test:types": "tsc -p .",']),
  ],
  [
    'what coverage leaves out',
    guarded('vitest.config.ts', ['     coverage: {', '       exclude: [', "+        '**/coverage/**',"]),
  ],
  ['a new linter', guarded('eslint.config.js', ["+      'no-undef': 'off',"], { status: 'added' })],
  [
    'an ending that a runner of types looks for',
    guarded('test/types/a.tst.ts', [], { status: 'renamed', previousPath: 'test/types/a.test-d.ts' }),
  ],
]

test.each(HONEST)('%s is no reason for a draft', async (_what, file) => {
  expect(await reasonsFor(file)).toEqual([])
})
