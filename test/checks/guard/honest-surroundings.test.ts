import { expect, test } from 'vitest'
import { reasonsFor } from './adversarial/reasons-for.ts'
import { guarded } from './guarded-file.ts'

/** Each looks like a change of the fourth batch in `test/fixtures/weakened-tests`, and takes nothing away. */
const HONEST: readonly (readonly [what: string, path: string, lines: readonly string[]])[] = [
  [
    'a field of a value that is called test',
    'a_test.go',
    ['-	test.Name = "abc"', '+	test.Name = "abc"', '+	test.Other = "abc3"'],
  ],
  [
    'a hook that hands its test to a helper of before',
    'spec/a_spec.rb',
    ['+    around do |example|', '+      with_resources_during(example) do', '+      end', '+    end'],
  ],
  [
    'fewer warnings are let pass',
    'package.json',
    ['-    "lint": "eslint --max-warnings 48 src"', '+    "lint": "eslint --max-warnings 0 src"'],
  ],
  [
    'a stand-in of a new test for a server',
    'test/a.test.js',
    [
      "+it('asks', async () => {",
      '+  globalThis.fetch = async () => answer',
      '+  expect(await ask()).toBe(4)',
      '+})',
    ],
  ],
  [
    'a warning outside of production',
    'src/a.js',
    ["+  if (process.env.NODE_ENV !== 'production') {", "+    warn('no name')", '+  }'],
  ],
  [
    'a condition in the newer form',
    'a.go',
    ['+//go:build !js && !safe', ' // +build !js,!safe', ' package a'],
  ],
  [
    'a list that a test fills itself',
    'tests/test_a.py',
    ['-        for one in ALL:', '+        found = []', '+        for one in ALL:'],
  ],
  [
    'a helper moves into its test',
    'test/a.test.js',
    ["-import { wait } from './toolkit.js'", '+function wait(ms) {', '+  return sleep(ms)', '+}'],
  ],
  [
    'a golden file is written when someone asks for it',
    'a_test.go',
    ['+	if *update {', '+		os.WriteFile("testdata/a.golden", got, 0o644)', '+	}'],
  ],
  [
    'a fixture that gets another argument',
    'tests/conftest.py',
    [' @pytest.fixture', ' def total():', '-    return Shop().total(2)', '+    return Shop(4).total(2)'],
  ],
  [
    'an alias of the sources',
    'jest.config.js',
    ['   moduleNameMapper: {', "+    '^@/(.*)$': '<rootDir>/src/$1',", '   },'],
  ],
  [
    'the same program for tests of its own',
    'src/lib.rs',
    ['+#[cfg(test)]', '+fn helper() -> u8 {', '+    1', '+}'],
  ],
  [
    'a list of types in the place of one',
    'test/a.test.js',
    ['-  return one.type === other.type', '+  return one.kind === other.kind'],
  ],
]

test.each(HONEST)('%s: no reason for a draft', async (_, path, lines) => {
  expect(await reasonsFor(guarded(path, lines))).toEqual([])
})

test('a new module with its code makes no draft', async () => {
  const files = ['sdk/go.mod', 'sdk/client.go'].map((path) =>
    guarded(path, ['+package sdk'], { status: 'added' }),
  )
  expect(await reasonsFor(files)).toEqual([])
})
