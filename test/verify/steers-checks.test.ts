import { expect, test } from 'vitest'
import { judgeSteered } from '../../src/verify/judge-steered.ts'
import { steersChecks } from '../../src/verify/steers-checks.ts'
import { collected } from './collected.ts'
import { checkOf } from './named-checks.ts'
import { projectOf, scripts } from './project-of.ts'

const PROJECT = projectOf({
  'package.json': scripts({ test: 'node scripts/run.js && npm run unit', unit: 'vitest run' }),
  'web/package.json': scripts({ test: 'node ./tools/all.mjs', pretest: 'node prepare.cjs' }),
  Makefile: 'include mk/rules.inc\ntest: src/main.c\n\tsh tools/each && python3 src/app.py\n',
  'tools/each': '. "$(dirname "$0")/env.sh"\nfor file in *; do ../ci/one.sh "$file"; done\n',
  'ci/test.sh': 'make -C native check\n',
  'native/Makefile': 'check:\n\t./compare.py\n',
})
const NEON = [
  'parameters:\n\tignoreErrors:\n',
  '\t\t-\n\t\t\tmessage: "#^One$#"\n\t\t\tcount: 2\n\t\t\tpath: src/A.php\n',
  '\t\t-\n\t\t\tmessage: "#^Two$#"\n\t\t\tcount: 1\n\t\t\tpath: src/B.php\n',
].join('')
const PSALM =
  '<files>\n<file src="a.php">\n<MixedReturn>\n<code>a</code>\n<code>b</code>\n</MixedReturn>\n</file>\n</files>\n'
const COMMANDS = ['npm test', 'cd web && npm test', 'bash ci/test.sh | tee log', 'make test']

test.each([
  'conftest.py',
  'api/tests/conftest.py',
  'pytest.ini',
  'sitecustomize.py',
  'Makefile',
  'mk/test.mk',
  'vitest.config.ts',
  'jest.config.js',
  'test/global-setup.ts',
  'jest.setup.js',
  '.mocharc.json',
  '.npmrc',
  'deno.json',
  'tsconfig.test.json',
  '.swcrc',
  'tests/__init__.py',
  'src/test/resources/META-INF/services/org.junit.platform.launcher.LauncherSessionListener',
  'Directory.Build.targets',
  '.cargo/config.toml',
  'build.rs',
  '.config/nextest.toml',
  '.mvn/maven.config',
  'gradle/wrapper/gradle-wrapper.jar',
  '.venv/bin/python3',
  'node_modules/vitest/index.js',
  '.turbo/cache/a.tar.zst',
  'spec/spec_helper.rb',
  'scripts/run.js',
  'web/tools/all.mjs',
  'web/prepare.cjs',
  'ci/test.sh',
  'mk/rules.inc',
  'tools/each',
  'tools/env.sh',
  'ci/one.sh',
  'native/compare.py',
  'vendor/github.com/stretchr/testify/assert/assertions.go',
  'third_party/googletest/include/gtest/gtest.h',
  '.yarn/releases/yarn-4.9.1.cjs',
  'patches/vitest+3.2.0.patch',
  'rust-toolchain.toml',
  'lib/minitest/quiet_plugin.rb',
  '.bazelrc',
  '.coveragerc',
  '.prettierignore',
  'Kit.xctestplan',
])('%s decides how checks run', async (path) => {
  const files = [collected(path, 'a\n', 'b\n'), collected('src/a.js', 'a\n', 'b\n')]
  const found = await steersChecks(files, { commands: COMMANDS, project: PROJECT })
  expect(found.map(({ file }) => file)).toEqual([files[0]])
})

test.each([
  ['package.json', scripts({ test: 'vitest run' }), scripts({ test: 'true' })],
  ['package.json', { jest: {} }, { jest: { testPathIgnorePatterns: ['times'] } }],
  [
    'pyproject.toml',
    '[tool.pytest.ini_options]\naddopts = ""\n',
    '[tool.pytest.ini_options]\naddopts = "--co"\n',
  ],
  ['Cargo.toml', '[lib]\n', '[lib]\ntest = false\n'],
  ['pom.xml', '<a/>\n', '<skipTests>true</skipTests>\n'],
  ['build.gradle', 'a\n', 'test { enabled = false }\n'],
  ['go.mod', 'module a\n', 'module a\nreplace b => ./fake\n'],
  ['CMakeLists.txt', 'a\n', 'set_tests_properties(times PROPERTIES WILL_FAIL ON)\n'],
  ['Kit.csproj', '<a />\n', '<Compile Remove="Old/**" />\n'],
  ['composer.json', '{}\n', '{ "autoload-dev": { "files": ["fake.php"] } }\n'],
  ['fake.py', null, 'def pytest_collection_modifyitems(items):\n    items.clear()\n'],
  ['setup.py', null, 'setup(entry_points={"pytest11": ["a = app.a"]})\n'],
  ['src/test/java/org/junit/jupiter/api/Assertions.java', null, 'package org.junit.jupiter.api;\n'],
  ['main_test.go', null, 'package a\nfunc TestMain(m *testing.M) { os.Exit(0) }\n'],
])('so does what %s says of tests', async (path, before, after) => {
  const text = (some: unknown) => (some === null || typeof some === 'string' ? some : JSON.stringify(some))
  const files = [collected(path, text(before), text(after) ?? '')]
  const [found] = await steersChecks(files, { commands: COMMANDS, project: PROJECT })
  expect(found).toEqual({ file: files[0], builds: !path.endsWith('_test.go') })
})

test.each([
  'difflib.py',
  'tests/traceback.py',
  'web/src/unittest/__init__.py',
  'lib/set.rb',
  'lib/Test/More.pm',
])('%s is loaded in the place of a library, if it is new', async (path) => {
  const of = (before: string | null) =>
    steersChecks([collected(path, before, 'b\n')], { commands: COMMANDS, project: PROJECT })
  expect(await of(null)).toMatchObject([{ builds: false }])
  expect(await of('a\n')).toEqual([])
})

test.each([
  ['eslint.config.js', false],
  ['.eslintignore', false],
  ['.golangci.yml', false],
  ['conftest.py', false],
  ['vite.config.ts', true],
  ['build.rs', true],
])('%s says what is built as well: %s', async (path, builds) => {
  const files = [collected(path, 'a\n', 'b\n')]
  const [found] = await steersChecks(files, { commands: COMMANDS, project: PROJECT })
  expect(found).toEqual({ file: files[0], builds })
})

test.each([
  ['package.json', '{"dependencies":{"a":"1"},"scripts":{}}', '{"dependencies":{"a":"2"},"scripts":{}}'],
  ['pyproject.toml', 'version = "1"\n', 'version = "2"\n'],
  ['pom.xml', '<version>1</version>\n', '<version>2</version>\n'],
  ['a_test.go', 'func TestA(', 'func TestB('],
  ['src/setup.py', 'a\n', 'b\n'],
  ['src/config.ts', 'a\n', 'b\n'],
  ['src/main.c', 'a\n', 'b\n'],
  ['src/app.py', 'a\n', 'b\n'],
  ['src/vendor.ts', 'a\n', 'b\n'],
  ['CMakeLists.txt', 'add_library(a a.c)\n', 'add_library(a a.c b.c)\n'],
  ['test/run.test.js', 'a\n', 'b\n'],
  ['app/types.py', null, 'b\n'],
  ['web/app/difflib.py', null, 'b\n'],
  ['src/main/java/org/junit/rules/Timeout.java', 'a\n', 'b\n'],
  ['phpstan-baseline.neon', NEON, NEON.replace('count: 2', 'count: 1')],
  ['phpstan-baseline.neon', NEON, NEON.slice(0, NEON.lastIndexOf('\t-'))],
  ['psalm-baseline.xml', PSALM, PSALM.replace('<code>b</code>', '')],
])('%s need not', async (path, before, after) => {
  const files = [collected(path, before, after)]
  expect(await steersChecks(files, { commands: COMMANDS, project: PROJECT })).toEqual([])
})

test.each([
  ['phpstan-baseline.neon', NEON, NEON.replace('count: 2', 'count: 3')],
  ['phpstan-baseline.neon', NEON, NEON.replace('path: src/A.php', 'path: src/B.php')],
  ['psalm-baseline.xml', PSALM, PSALM.replace('<code>b</code>', '<code>c</code>')],
  ['psalm-baseline.xml', PSALM, PSALM.replace('<MixedReturn>', '<MixedCall>')],
  ['psalm-baseline.xml', PSALM, PSALM.replace('<file src="a.php">', '<file src="z.php">')],
])('%s lets more pass', async (path, before, after) => {
  const files = [collected(path, before, after)]
  expect(await steersChecks(files, { commands: COMMANDS, project: PROJECT })).toHaveLength(1)
})

const FILES = ['conftest.py']

test('a test that passed before and fails without the edit is hidden by it; a new test may need the edit', () => {
  const of = (first: string, second: string) =>
    judgeSteered({
      before: checkOf(0, '+times +adds'),
      onChange: checkOf(0, '+times +adds +new'),
      asBefore: [checkOf(1, first), checkOf(1, second)],
      files: FILES,
    })
  expect(of('+adds -times -new', '+adds -times')).toMatchObject({ failing: { count: 1, names: ['times'] } })
  expect(of('+adds -new', '+adds -new')).toBeUndefined()
  expect(of('+adds -times', '+times -adds')).toBeUndefined()
  // What passes by an edit of the settings alone is no fix.
  const edited = { before: checkOf(1, '+adds -times'), onChange: checkOf(0, '+adds +times'), files: FILES }
  const without = checkOf(1, '+adds -times')
  expect(judgeSteered({ ...edited, asBefore: [without, without] })).toMatchObject({
    failing: { names: ['times'] },
  })
  expect(judgeSteered({ ...edited, asBefore: [checkOf(0, '+adds +times')] })).toBeUndefined()
})

test('without names the exit codes count', () => {
  const of = (before: number, now: number, without: number) =>
    judgeSteered({
      before: checkOf(before),
      onChange: checkOf(now),
      asBefore: [checkOf(without)],
      files: ['Makefile'],
    })
  expect(of(0, 0, 1)).toEqual({ files: { count: 1, names: ['Makefile'] } })
  // The change may fix the check itself.
  expect(of(1, 0, 1)).toBeUndefined()
  expect(of(0, 0, 0)).toBeUndefined()
  expect(of(1, 1, 1)).toBeUndefined()
  const asBefore = [checkOf(0, '+times')] as const
  const silent = { before: checkOf(0, '+times'), onChange: checkOf(0), asBefore, files: FILES }
  expect(judgeSteered(silent)).toBeUndefined()
})
