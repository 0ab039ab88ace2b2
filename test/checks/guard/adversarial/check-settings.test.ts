import { expect, test } from 'vitest'
import { guarded } from '../guarded-file.ts'
import { type Case, reasonsFor } from './reasons-for.ts'

const CASES: readonly Case[] = [
  ['script unit echo', guarded('package.json', ['-    "unit": "vitest",', '+    "unit": "echo ok",'])],
  ['script lint dropped', guarded('package.json', ['-    "lint:js": "eslint .",'])],
  [
    'script ci',
    guarded('package.json', ['-    "ci": "npm run lint && npm run unit",', '+    "ci": "npm run unit",']),
  ],
  ['pretest added exit', guarded('package.json', ['     "test": "vitest",', '+    "posttest": "exit 0",'])],
  ['make check recipe cargo', guarded('Makefile', [' check:', '-\tcargo clippy -- -D warnings', '+\ttrue'])],
  ['make ignore error', guarded('Makefile', [' test:', '-\tpytest', '+\t-pytest'])],
  ['make .IGNORE', guarded('Makefile', ['+.IGNORE: test'])],
  ['script sh dropped', guarded('scripts/test.sh', ['-npm test', '+echo ok'])],
  ['script sh exit 0', guarded('scripts/test.sh', [' #!/bin/sh', '+exit 0', ' npm test'])],
  ['script set -e dropped', guarded('scripts/test.sh', ['-set -e', ' npm test'])],
  ['sh pipe', guarded('scripts/ci.sh', ['-pytest', '+pytest | tee log'])],
  [
    'tsconfig exclude',
    guarded('tsconfig.json', ['-  "exclude": ["dist"]', '+  "exclude": ["dist", "src/legacy"]']),
  ],
  [
    'tsconfig exclude entry',
    guarded('tsconfig.json', ['   "exclude": [', '     "dist",', '+    "src/legacy"']),
  ],
  ['tsconfig include', guarded('tsconfig.json', ['-  "include": ["src", "test"]', '+  "include": ["src"]'])],
  ['tsconfig strict', guarded('tsconfig.json', ['-    "strict": true,', '+    "strict": false,'])],
  ['tsconfig strict gone', guarded('tsconfig.json', ['-    "strict": true,'])],
  ['mypy', guarded('mypy.ini', ['+ignore_errors = True'])],
  ['mypy pyproject', guarded('pyproject.toml', [' [tool.mypy]', '-strict = true', '+strict = false'])],
  ['eslint off', guarded('eslint.config.js', ["+      'no-undef': 'off',"])],
  ['eslint ignores', guarded('eslint.config.js', ["+    ignores: ['src/**'],"])],
  ['eslintignore', guarded('.eslintignore', ['+src/'])],
  ['ruff exclude', guarded('ruff.toml', ['+exclude = ["src"]'])],
  ['golangci', guarded('.golangci.yml', ['+  disable-all: true'])],
  ['rubocop disabled', guarded('.rubocop.yml', ['+  Enabled: false'])],
  ['phpstan', guarded('phpstan.neon', ['-    level: 8', '+    level: 0'])],
  ['clippy allow crate', guarded('src/lib.rs', ['+#![allow(clippy::all)]'])],
  ['deny dropped', guarded('src/lib.rs', ['-#![deny(warnings)]'])],
  ['Cargo lints', guarded('Cargo.toml', [' [lints.clippy]', '-all = "deny"', '+all = "allow"'])],
  ['-k package', guarded('package.json', ['-    "test": "jest",', '+    "test": "jest -t fast",'])],
  ['deselect addopts', guarded('setup.cfg', ['+addopts = --deselect tests/test_a.py'])],
  ['gradle exclude', guarded('build.gradle', ['+  exclude "**/ATest*"'])],
  ['gradle disabled', guarded('build.gradle', ['+test.enabled = false'])],
  ['gradle onlyIf', guarded('build.gradle.kts', ['+tasks.test { onlyIf { false } }'])],
  ['maven exclude', guarded('pom.xml', ['+            <exclude>**/ATest.java</exclude>'])],
  ['maven skip', guarded('pom.xml', ['+            <skip>true</skip>'])],
  ['ctest', guarded('CMakeLists.txt', ['+set_tests_properties(a PROPERTIES WILL_FAIL TRUE)'])],
  [
    'gtest filter',
    guarded('CMakeLists.txt', ['-  COMMAND a_test)', '+  COMMAND a_test --gtest_filter=-A.*)']),
  ],
  ['csproj', guarded('tests/A.csproj', ['+    <Compile Remove="ATests.cs" />'])],
  [
    'csproj IsTestProject',
    guarded('tests/A.csproj', [
      '-    <IsTestProject>true</IsTestProject>',
      '+    <IsTestProject>false</IsTestProject>',
    ]),
  ],
  ['phpunit group', guarded('phpunit.xml', ['+      <exclude>tests/ATest.php</exclude>'])],
  [
    'php requires',
    guarded('tests/ATest.php', ['+     * @requires PHP 99', '     public function testAdds() {']),
  ],
  ['vite test exclude multi', guarded('vite.config.ts', ['     exclude: [', "+      'src/slow.test.ts',"])],
  ['vitest exclude multi', guarded('vitest.config.ts', ['     exclude: [', "+      'src/slow.test.ts',"])],
  [
    'package jest ignore multi',
    guarded('package.json', ['     "testPathIgnorePatterns": [', '+      "slow"']),
  ],
  ['deno exclude', guarded('deno.json', ['+  "exclude": ["tests/"]'])],
  [
    'c8 check-coverage off',
    guarded('package.json', ['-    "check-coverage": true,', '+    "check-coverage": false,']),
  ],
  ['codecov target', guarded('codecov.yml', ['-        target: 90%', '+        target: 10%'])],
  [
    'ruff ignore',
    guarded('pyproject.toml', [' [tool.ruff.lint]', '-ignore = ["E501"]', '+ignore = ["E501", "F"]']),
  ],
]

test.each(CASES)('%s is a reason for a draft', async (_what, file) => {
  expect(await reasonsFor(file)).not.toEqual([])
})
