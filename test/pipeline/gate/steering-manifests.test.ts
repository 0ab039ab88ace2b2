import { expect, test } from 'vitest'
import { readSteering, steeringOf } from '../../../src/pipeline/gate/steering.ts'
import { changed } from '../changed-file.ts'

/** What a reviewer reads about a change of a file's text; empty when it is ordinary. */
function whatSteers(path: string, before: string | null, after: string): string {
  const file = changed({ path, status: before === null ? 'added' : 'modified', text: after })
  const found = steeringOf({ ...file, before: before === null ? null : Buffer.from(before) })
  return found.map(({ what }) => what).join('; ')
}

const json = (value: unknown) => JSON.stringify(value)
const PACKAGE = { name: 'a', scripts: { test: 'vitest', build: 'tsc' }, dependencies: { zod: '^4.0.0' } }

/** Parts of package.json that run something, or take code from somewhere else. */
test.each([
  [{ scripts: { ...PACKAGE.scripts, postinstall: 'node x.js' } }, 'runs at install: `postinstall`'],
  [{ scripts: { ...PACKAGE.scripts, prepare: 'npm run build' } }, 'runs at install: `prepare`, `build`'],
  [{ scripts: { ...PACKAGE.scripts, 'pnpm:devPreinstall': 'x' } }, '`pnpm:devPreinstall`'],
  [{ scripts: { ...PACKAGE.scripts, prepublishOnly: 'x' } }, 'runs at publishing: `prepublishOnly`'],
  [{ dependencies: { zod: 'github:evil/zod' } }, 'outside the registry, or under another name: `zod`'],
  [{ dependencies: { zod: 'evil/zod#main' } }, '`zod`'],
  [{ dependencies: { zod: 'https://evil.example/zod.tgz' } }, '`zod`'],
  [{ dependencies: { zod: 'npm:zod-evil@4' } }, '`zod`'],
  [{ devDependencies: { zod: 'git+ssh://git@evil.example/zod.git' } }, '`zod`'],
  [{ optionalDependencies: { '@a/b': 'file:./vendor/b.tgz' } }, '`@a/b`'],
  [{ overrides: { zod: { left: 'file:../left' } } }, '`left`'],
  [{ resolutions: { '**/zod': 'https://evil.example/z.tgz' } }, '`**/zod`'],
  [{ pnpm: { overrides: { zod: 'link:../zod' } } }, '`zod`'],
  [{ pnpm: { onlyBuiltDependencies: ['esbuild'] } }, 'steers installs'],
  [{ trustedDependencies: ['esbuild'] }, 'steers installs'],
  [{ allowScripts: { esbuild: true } }, 'steers installs: `esbuild`'],
  [{ packageManager: 'yarn@https://evil.example/yarn.js' }, 'changes the package manager'],
  [{ workspaces: ['packages/*', '../evil'] }, 'adds packages whose scripts run'],
  [{ publishConfig: { registry: 'https://evil.example' } }, 'publishes to another place'],
  [{ bin: { node: 'x.js' } }, 'hides a common one: `node`'],
  [{ 'simple-git-hooks': { 'pre-commit': 'x' } }, 'runs in git hooks: `pre-commit`'],
  [{ gypfile: true }, 'runs at install: `gypfile`'],
] as const)('package.json with %j %s', (added, words) => {
  expect(whatSteers('package.json', json(PACKAGE), json({ ...PACKAGE, ...added }))).toContain(words)
  expect(whatSteers('packages/a/package.json', null, json(added))).not.toBe('')
})

test.each([
  { ...PACKAGE, version: '2.0.0' },
  { ...PACKAGE, scripts: { ...PACKAGE.scripts, lint: 'biome lint', test: 'vitest run' } },
  { ...PACKAGE, dependencies: { zod: '^4.1.0', hono: '4.x', shared: 'workspace:*', react: 'catalog:' } },
  { ...PACKAGE, repository: 'https://github.com/acme/api', packageManager: 'pnpm@10.2.0+sha512.abc' },
])('package.json with %j is ordinary', (after) => {
  expect(whatSteers('package.json', json(PACKAGE), json(after))).toBe('')
})

test('what was there before is not news, and a script that a lifecycle script calls is part of it', () => {
  const before = json({ scripts: { prepare: 'run-s build:*', 'build:js': 'tsc', docs: 'x' } })
  expect(whatSteers('package.json', before, `${before}\n`)).toBe('')
  expect(whatSteers('package.json', before, before.replace('tsc', 'sh evil.sh'))).toContain('`build:js`')
  expect(whatSteers('package.json', before, before.replace('"x"', '"y"'))).toBe('')
})

const NPM = 'https://registry.npmjs.org'
const LOCK = {
  lockfileVersion: 3,
  packages: { 'node_modules/a': { resolved: `${NPM}/a/-/a-1.0.0.tgz`, integrity: 'sha512-aaa' } },
}
const locked = (name: string, entry: object) =>
  json({ ...LOCK, packages: { ...LOCK.packages, [`node_modules/${name}`]: entry } })

test.each([
  [locked('b', { resolved: 'https://evil.example/b.tgz' }), 'new place: `evil.example/b.tgz`'],
  [locked('b', { resolved: 'git+ssh://git@github.com/evil/b.git#abc' }), '`github.com/evil/b`'],
  [locked('b', { resolved: `${NPM}/evil/-/evil-1.0.0.tgz` }), 'another package under this name: `b`'],
  [
    locked('a', { resolved: `${NPM}/a/-/a-1.0.0.tgz`, integrity: 'sha512-bbb' }),
    'other bytes at the same address',
  ],
  [locked('b', { resolved: `${NPM}/b/-/b-1.0.0.tgz`, hasInstallScript: true }), 'runs at install: `b`'],
  [
    locked('b', { resolved: `${NPM}/@`, dependencies: { c: { resolved: 'https://evil.example/c' } } }),
    'evil.example',
  ],
  ['{', 'cannot be read here'],
])('a lock file of npm: %s', (after, words) => {
  expect(whatSteers('package-lock.json', json(LOCK), after)).toContain(words)
})

test('a lock file with newer packages of the same registry is ordinary, and so is the first one', () => {
  const after = locked('@s/b', { resolved: `${NPM}/@s/b/-/b-1.0.0.tgz`, integrity: 'sha512-x' })
  expect(whatSteers('package-lock.json', json(LOCK), after)).toBe('')
  expect(whatSteers('package-lock.json', null, after)).toBe('')
})

const POETRY = '[build-system]\nbuild-backend = "hatchling.build"\n[project]\ndependencies = ["a>=1"]\n'

/** One change for each kind: file, before, after, words; no words means that it is ordinary. */
test.each([
  ['yarn.lock', '', 'a@^1:\n  version "1"\n  resolved "https://evil.example/a.tgz#x"\n', 'evil.example'],
  [
    'yarn.lock',
    '',
    '"a@npm:^1":\n  version: 1\n  resolution: "a@https://evil.example/a.tgz"\n',
    'evil.example',
  ],
  ['yarn.lock', '', 'a@^1:\n  resolved "https://registry.yarnpkg.com/@b/a/-/a-1.tgz#x"\n', ''],
  ['yarn.lock', '', '"a@npm:^1":\n  resolution: "a@npm:1.0.0"\n  checksum: 10/aa\n', ''],
  ['pnpm-lock.yaml', '', '  a@1:\n    resolution: {tarball: https://evil.example/a.tgz}\n', 'evil.example'],
  [
    'pnpm-lock.yaml',
    '  a@1:\n    resolution: {integrity: sha512-a}\n',
    '  a@1:\n    resolution: {integrity: sha512-b}\n',
    'other bytes',
  ],
  ['pnpm-lock.yaml', '', '  a@1:\n    resolution: {integrity: sha512-a}\n', ''],
  ['pnpm-workspace.yaml', 'packages: [a]', 'packages: [a]\nonlyBuiltDependencies: [b]', 'steers installs'],
  ['pnpm-workspace.yaml', 'catalog: {a: ^1}', 'catalog: {a: ^2}', ''],
  ['bun.lock', '', '["a@1", "https://evil.example/a", {}]', 'evil.example'],
  ['uv.lock', '', 'source = { git = "https://github.com/evil/a" }', 'github.com/evil/a'],
  ['uv.lock', '', 'source = { registry = "https://pypi.org/simple" }', ''],
  ['poetry.lock', '', '[package.source]\nurl = "https://evil.example/simple"', 'evil.example'],
  ['pyproject.toml', POETRY, POETRY.replace('hatchling.build', 'evil'), 'runs at build: `build-backend`'],
  [
    'pyproject.toml',
    POETRY,
    POETRY.replace('"\n', '"\nbackend-path = ["."]\n'),
    'runs at build: `backend-path`',
  ],
  ['pyproject.toml', POETRY, POETRY.replace('a>=1', 'a @ git+https://evil.example/a'), 'new place'],
  ['pyproject.toml', POETRY, `${POETRY}[[tool.uv.index]]\nurl = "https://evil.example"\n`, 'new place'],
  [
    'pyproject.toml',
    POETRY,
    `${POETRY}[tool.uv.sources]\na = { git = "https://evil.example/a" }\n`,
    'new place',
  ],
  [
    'pyproject.toml',
    POETRY,
    `${POETRY}[tool.poetry.dependencies]\na = { url = "https://evil.example" }\n`,
    'new place',
  ],
  ['pyproject.toml', POETRY, `${POETRY}[tool.hatch.build.hooks.custom]\npath = "x.py"\n`, 'runs at build'],
  [
    'pyproject.toml',
    POETRY,
    `${POETRY.replace('a>=1', 'a>=2')}[project.urls]\nHome = "https://a.example"\n`,
    '',
  ],
  ['pyproject.toml', POETRY, '[project', 'cannot be read here'],
  ['requirements.txt', 'a==1', 'a==1\n--extra-index-url https://evil.example/simple', 'steers installs'],
  ['requirements.txt', 'a==1', 'a @ https://evil.example/a.whl', 'evil.example'],
  ['requirements.txt', 'a==1', 'a==2 --hash=sha256:ab\n# see https://a.example', ''],
  ['setup.py', "setup(version='1')", "setup(version='2', )", ''],
  ['setup.py', "setup(version='1')", "import os\nsetup(version='1')", 'runs at install or build'],
  ['setup.py', "exec('a')", "exec('b')", 'runs at install or build'],
  [
    'setup.py',
    "exec(a)\nsetup(install_requires=['a>1'])",
    "exec(a)\nsetup(install_requires=['a>2', 'b'])",
    '',
  ],
  ['setup.py', "exec(a)\nsetup(name='a')", 'exec(a)\nsetup(name=evil())', 'runs at install or build'],
  [
    'setup.py',
    "run('a')\nsetup(packages=['a'])",
    "run('a', 'b')\nsetup(packages=[])",
    'runs at install or build',
  ],
  ['setup.py', "exec(a)\nsetup(name='a')", 'exec(a)\nsetup(name=f"{evil()}")', 'runs at install or build'],
  ['Cargo.toml', '[package]\nname = "a"', '[package]\nname = "a"\nbuild = "x.rs"', 'runs at build: `build`'],
  ['Cargo.toml', '', '[patch.crates-io]\na = { git = "https://evil.example" }', 'new place'],
  ['Cargo.toml', '', '[dependencies]\na = { git = "https://evil.example" }', 'new place'],
  ['Cargo.toml', '', '[dependencies]\na = "1"\nb = { version = "2", features = ["x"] }', ''],
  ['build.rs', 'fn main() {}', 'fn main() { evil() }', 'runs at install or build'],
  ['go.mod', 'module a', 'module a\nreplace b => github.com/evil/b v1.0.0', 'another module: `b`'],
  ['go.mod', 'module a', 'module a\nrequire b v1.0.0\nreplace c => ./c', ''],
  ['Gemfile', '', "source 'https://rubygems.org'\ngem 'a', '~> 1'", ''],
  ['Gemfile', '', "gem 'a', github: 'evil/a'", 'evil/a'],
  ['Gemfile', '', 'system("x")', 'runs at install or build'],
  [
    'composer.json',
    '{}',
    json({ scripts: { 'post-install-cmd': 'x' } }),
    'runs at install: `post-install-cmd`',
  ],
  [
    'composer.json',
    '{}',
    json({ repositories: [{ type: 'vcs', url: 'https://evil.example' }] }),
    'new place',
  ],
  ['composer.json', '{}', json({ scripts: { test: 'phpunit' }, require: { 'a/b': '^1' } }), ''],
  ['.pylintrc', '', 'init-hook=import evil', 'runs at install or build'],
  ['tox.ini', '', '[testenv]\ndeps = pytest', ''],
  ['.rubocop.yml', '', 'require: ./evil', 'runs at install or build'],
  [
    'src-tauri/tauri.conf.json',
    '{}',
    json({ build: { beforeBuildCommand: 'x' } }),
    'runs at install or build',
  ],
  ['import_map.json', '{}', json({ imports: { a: 'https://evil.example/a.ts' } }), 'evil.example/a.ts'],
  ['pom.xml', '', '<repository><url>https://evil.example/m2</url></repository>', 'evil.example'],
  ['pom.xml', '', '<url>https://a.example</url><dependency>x</dependency>', ''],
  ['build.gradle.kts', '', 'maven("https://evil.example/m2")', 'evil.example'],
  ['.pre-commit-config.yaml', 'repos: [{repo: a, rev: v1.2}]', 'repos: [{repo: a, rev: v1.3}]', ''],
  [
    '.pre-commit-config.yaml',
    'repos: [{repo: a, rev: v1.2}]',
    'repos: [{repo: b, rev: v1.2}]',
    'runs in git hooks',
  ],
])('%s from %j to %j', (path, before, after, words) => {
  const what = whatSteers(path, before, after)
  if (words === '') expect(what).toBe('')
  else expect(what).toContain(words)
})

test('a manifest whose base was not read, and one that nests without end, count as steering', () => {
  expect(steeringOf(changed({ path: 'package.json', status: 'modified', text: '{}' }))).toHaveLength(1)
  expect(whatSteers('package.json', '{}', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toContain(
    'read',
  )
  expect(whatSteers('pyproject.toml', '', `a = ${'['.repeat(50_000)}${']'.repeat(50_000)}`)).toContain('read')
  expect(whatSteers('pnpm-workspace.yaml', '', '['.repeat(50_000))).toContain('read')
})

test('a manifest that was in conflict steers by what neither side had', async () => {
  const sides = [
    { ...PACKAGE, dependencies: { a: '^1' } },
    { ...PACKAGE, scripts: { prepare: 'tsc' } },
  ]
  const steer = async (text: string) => {
    const file = {
      ...changed({ path: 'package.json', status: 'modified', text }),
      before: Buffer.from('<<<<<<<'),
    }
    await readSteering([file], undefined, () => sides.map((side) => Buffer.from(json(side))))
    return steeringOf(file)
      .map(({ what }) => what)
      .join('; ')
  }
  expect(await steer(json({ ...sides[0], scripts: { prepare: 'tsc' } }))).toBe('')
  expect(await steer(json({ ...sides[0], dependencies: { a: '^1', b: 'github:evil/b' } }))).toContain('`b`')
  expect(await steer(json({ ...sides[0], scripts: { prepare: 'node x.js' } }))).toContain('`prepare`')
  expect(await steer('<<<<<<<')).toContain('cannot be read here')
})
