import { expect, test } from 'vitest'
import { reasonsFor } from './adversarial/reasons-for.ts'
import { guarded } from './guarded-file.ts'

/** Each looks like a change of the third batch in `test/fixtures/weakened-tests`, and takes nothing away. */
const HONEST: readonly (readonly [what: string, path: string, lines: readonly string[]])[] = [
  [
    'a new test that waits for its feature',
    'e2e/a.spec.ts',
    [
      "+test('shows a map', async ({ page }) => {",
      "+  test.fixme(true, 'when maps are there')",
      '+  await page.goto(0)',
      '+})',
    ],
  ],
  [
    'a new test of NUnit that people start',
    'test/ATests.cs',
    [
      '+    [Test, Explicit]',
      '+    public void AsksTheBank()',
      '+    {',
      '+        Assert.That(Ask(), Is.EqualTo(4));',
      '+    }',
    ],
  ],
  [
    'a new test of ScalaTest that is ignored',
    'src/test/scala/ASpec.scala',
    ['+  "price" should "be rounded" ignore {', '+    assert(price(2) == 4)', '+  }'],
  ],
  [
    'a hook that runs its test',
    'spec/spec_helper.rb',
    ['+  config.around(:each) do |example|', '+    timed { example.run }', '+  end'],
  ],
  [
    'a matcher with another condition',
    'test/matchers.js',
    ['-    return { pass: a.cost === b }', '+    return { pass: a.cost.equals(b) }', '   expect.extend({'],
  ],
  [
    'a result that is returned',
    'tests/main.cc',
    ['-  int code = RUN_ALL_TESTS();', '-  return code;', '+  return RUN_ALL_TESTS();'],
  ],
  [
    'matchers of Hamcrest, laid out anew',
    'src/test/java/ATest.java',
    ['-    assertThat(price.of(2),', '-        is(4));', '+    assertThat(price.of(2), is(4));'],
  ],
  [
    'matchers of Dart, laid out anew',
    'test/a_test.dart',
    ['-    expect(price(2),', '-        equals(4));', '+    expect(price(2), equals(4));'],
  ],
  [
    'an answer of what the subject needs',
    'src/test/kotlin/PriceTest.kt',
    [
      '         val price = Price(bank)',
      '+        every { bank.rate(any()) } returns 2',
      '         assertEquals(4, price.of(2))',
    ],
  ],
  [
    'more output beside the race detector',
    'Makefile',
    [' test:', '-\tgo test -race ./...', '+\tgo test -race -v ./...'],
  ],
  [
    'output of a script of Composer',
    'composer.json',
    ['-        "test": "phpunit",', '+        "test": "phpunit --colors",'],
  ],
  ['an old Python less', 'tox.ini', [' [tox]', '-envlist = py38, py312, lint', '+envlist = py312, lint']],
  ['assertions of Python that stay', 'tox.ini', [' [testenv]', '+setenv = PYTHONOPTIMIZE=0']],
  ['features of a program', 'Cargo.toml', [' [[bin]]', '+required-features = ["cli"]']],
  ['the runner of the workspace', 'package.json', ['-    "ava": "6.0.0",', '+    "ava": "workspace:*",']],
  ['a short name for helpers of tests', 'tsconfig.json', ['+    "paths": { "@test/*": ["./test/*"] }']],
  ['rules that tests may break', 'ruff.toml', [' [lint.per-file-ignores]', '+"tests/*" = ["ALL"]']],
  [
    'fewer pixels may differ',
    'e2e/a.spec.ts',
    [
      "-  await expect(page).toHaveScreenshot('a.png', { maxDiffPixels: 90 })",
      "+  await expect(page).toHaveScreenshot('a.png', { maxDiffPixels: 9 })",
    ],
  ],
  [
    'another message of an error',
    'tests/test_a.py',
    [
      '-    with pytest.raises(ValueError, match="no price"):',
      '+    with pytest.raises(ValueError, match="below zero"):',
    ],
  ],
  [
    'half as many examples',
    'tests/test_a.py',
    ['-@settings(max_examples=500)', '+@settings(max_examples=250)', ' def test_a():'],
  ],
  [
    'an error in the place of none',
    'a_test.go',
    ['-\tif err != nil {', '+\tif err == nil {', ' \t\tt.Fatal(err)'],
  ],
  [
    'another way to wait',
    'Tests/ATests.swift',
    [
      '-    wait(for: [done], timeout: 1)',
      '+    await fulfillment(of: [done])',
      '     XCTAssertEqual(value, 4)',
    ],
  ],
  [
    'failures that are collected and reported',
    'src/test/java/ATest.java',
    [
      '-    assertThat(price.of(2)).isEqualTo(4);',
      '+    SoftAssertions softly = new SoftAssertions();',
      '+    softly.assertThat(price.of(2)).isEqualTo(4);',
      '+    softly.assertAll();',
    ],
  ],
  [
    'a goroutine that the test waits for',
    'a_test.go',
    [
      '+\tgo func() {',
      '+\t\tdefer wg.Done()',
      '-\tassert.Equal(t, 4, Price(2))',
      '+\t\tassert.Equal(t, 4, Price(2))',
      '+\t}()',
      '+\twg.Wait()',
    ],
  ],
  [
    'a check with other words on CI',
    'scripts/check.sh',
    ['+if [ -n "$CI" ]; then', '+  npm test -- --reporter=junit', '+else', '   npm test', '+fi'],
  ],
  ['an alias that prepares and tests', 'mix.exs', ['+      test: ["ecto.create --quiet", "test"]']],
  ['output of ScalaTest', 'build.sbt', ['+Test / testOptions += Tests.Argument("-oD")']],
  [
    'a target of tests with another name',
    'Package.swift',
    ['-    .testTarget(name: "ATests"),', '+    .testTarget(name: "ACoreTests"),'],
  ],
  ['a release only with a key', 'build.gradle', [' publish {', "+    onlyIf { hasProperty('key') }"]],
  ['a stricter runner', 'phpunit.xml', ['-<phpunit>', '+<phpunit failOnRisky="true">']],
  [
    'another value where there is none',
    'test/a.test.js',
    ['-  expect(price(2) || 4).toBe(4)', '+  expect(price(2)).toBe(4)'],
  ],
  [
    'a stand-in that is asked for more',
    'src/test/java/ATest.java',
    ['-    verify(bank, atMost(2)).send(anyInt());', '+    verify(bank, times(1)).send(4);'],
  ],
  ['more that is checked', 'setup.cfg', [' [mypy]', '-files = app', '+files = app, tests']],
  [
    'all of a value in Go',
    'a_test.go',
    [
      '-\tif got := Items(); len(got) != 2 {',
      '+\tif got := Items(); !slices.Equal(got, want) {',
      ' \t\tt.Errorf("got %v", got)',
    ],
  ],
  ['a module with another name', 'pom.xml', ['-    <module>price</module>', '+    <module>prices</module>']],
  [
    'more that check depends on',
    'build.gradle',
    [' check {', '-    dependsOn test', '+    dependsOn test, lint'],
  ],
]

/** Settings that change what runs, however harmless, are settled by verification; these are not even asked about. */
test.each(HONEST)('%s: no reason for a draft', async (_, path, lines) => {
  expect(await reasonsFor(guarded(path, lines))).toEqual([])
})
