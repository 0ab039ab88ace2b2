import { expect, test } from 'vitest'
import { setupReadsSource } from '../../src/checks/plans/reads-source.ts'
import { projectOf } from './project-of.ts'

const PIP = ['python3 -m venv .venv', '.venv/bin/python3 -m pip install --quiet -r requirements.txt pytest']
const SELF = ['uv venv --quiet .venv', "uv pip install --quiet --python .venv -e '.[test]' pytest"]
const HATCH =
  '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "a"\n'

test.each<[string, readonly string[], Record<string, string>]>([
  ['npm', ['npm ci'], { 'package.json': '{"scripts":{"test":"x","build":"y"}}' }],
  ['a package below', ['cd web && npm ci'], { 'web/package.json': '{}' }],
  ['pnpm by npx', ['npx --yes pnpm@9.1.0 install --frozen-lockfile'], { 'package.json': '{}' }],
  [
    'yarn by npx',
    ['npx --yes -p @yarnpkg/cli-dist@4.1.0 yarn install --immutable'],
    { 'package.json': '{}' },
  ],
  ['pip', PIP, { 'requirements.txt': 'flask>=3\n-e .\n' }],
  ['a package for editing', SELF, { 'pyproject.toml': HATCH }],
  ['setuptools without extensions', SELF, { 'setup.py': 'from setuptools import setup\nsetup(name="a")' }],
  ['go and cargo', ['go mod download', 'cd rust && cargo fetch'], { 'go.mod': 'module a' }],
  [
    'what uv and poetry take besides',
    ['uv sync --frozen --all-packages --group test', 'poetry install --no-interaction --with test'],
    {},
  ],
  [
    'managers beside the environment of the project',
    [
      'python3 -m venv .venv .venv/tools',
      'cd app && uv venv --quiet ../.venv/tools',
      '.venv/tools/bin/python3 -m pip install --quiet pipenv',
      'cp .venv/tools/bin/pipenv .venv/bin/',
      'pipenv sync --dev',
    ],
    {},
  ],
  ['dart', ['cd app && flutter pub get'], {}],
  ['nothing', [], {}],
])('only dependencies: %s', async (_name, commands, files) => {
  expect(await setupReadsSource(projectOf(files), commands)).toBe(false)
})

test.each<[string, readonly string[], Record<string, string>]>([
  ['a command of its own', ['npm ci', 'npm run build'], { 'package.json': '{}' }],
  ['an option that is none', ['uv sync --frozen ; make'], {}],
  ['a program of the repository', ['cp tools/pdm .venv/bin/'], {}],
  ['a command behind one that installs', ['npm ci && make'], { 'package.json': '{}' }],
  ['a script that npm runs', ['npm ci'], { 'package.json': '{"scripts":{"prepare":"tsc"}}' }],
  [
    '… in a member',
    ['npm ci'],
    { 'package.json': '{}', 'packages/a/package.json': '{"scripts":{"postinstall":"x"}}' },
  ],
  ['a manifest that is broken', ['npm ci'], { 'package.json': '{' }],
  ['a native module', ['npm ci'], { 'package.json': '{}', 'binding.gyp': '{}' }],
  ['a copy of the package', PIP, { 'requirements.txt': 'flask\n.\n' }],
  ['… with extras', PIP, { 'requirements.txt': '.[test]\n' }],
  ['a copy of a folder', PIP, { 'requirements.txt': './lib/a\n' }],
  ['C extensions', SELF, { 'setup.py': 'setup(ext_modules=[Extension("a", ["a.c"])])' }],
  ['Rust', SELF, { 'pyproject.toml': '[build-system]\nbuild-backend = "maturin"\n' }],
  ['a backend nobody named', SELF, { 'pyproject.toml': '[build-system]\nrequires = ["x"]\n' }],
  [
    'composer scripts',
    ['composer install --no-interaction'],
    { 'composer.json': '{"scripts":{"post-install-cmd":"x"}}' },
  ],
])('the source too: %s', async (_name, commands, files) => {
  expect(await setupReadsSource(projectOf(files), commands)).toBe(true)
})
