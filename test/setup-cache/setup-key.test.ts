import { expect, test } from 'vitest'
import { isSetupFile, setupKey } from '../../src/setup-cache/setup-key.ts'

const entry = (path: string, sha = path) => ({ path, mode: '100644', sha })
const FILES = ['package.json', 'package-lock.json', 'src/a.js', 'README.md'].map((path) => entry(path))
const parts = {
  repositoryId: 1,
  kind: 'local',
  environment: 'e',
  egressHosts: ['a.example', 'b.example'],
  tree: { entries: FILES, truncated: false },
}
const keyOf = (changed: Partial<typeof parts>) => setupKey({ ...parts, ...changed })
const withFile = (path: string, sha: string) =>
  keyOf({
    tree: { entries: [...FILES.filter((file) => file.path !== path), entry(path, sha)], truncated: false },
  })

test('commits that install the same have the same key, whatever else they change', () => {
  const key = keyOf({})
  expect(key).toMatch(/^[0-9a-f]{64}$/)
  expect(withFile('src/a.js', 'changed')).toBe(key)
  expect(withFile('src/new.js', 'new')).toBe(key)
  expect(keyOf({ egressHosts: ['b.example', 'a.example'] })).toBe(key)
  expect(keyOf({ tree: { entries: [...FILES].reverse(), truncated: false } })).toBe(key)
})

test('whatever decides what is installed changes the key', () => {
  const keys = [
    keyOf({}),
    keyOf({ repositoryId: 2 }),
    keyOf({ kind: 'e2b' }),
    keyOf({ environment: 'f' }),
    keyOf({ egressHosts: ['a.example'] }),
    withFile('package-lock.json', 'changed'),
    withFile('package.json', 'changed'),
    withFile('packages/a/package.json', 'new'),
    withFile('.github/backspace.yml', 'new'),
    withFile('.nvmrc', 'new'),
  ]
  expect(new Set(keys).size).toBe(keys.length)
})

test('a commit whose files are not all known has no key', () => {
  expect(keyOf({ tree: { entries: FILES, truncated: true } })).toBeUndefined()
})

test.each([
  'api/go.sum',
  'requirements.txt',
  'dev-requirements.txt',
  'requirements/test.in',
  'constraints-3.12.txt',
  'app/App.csproj',
  'gradle/wrapper/gradle-wrapper.properties',
  'gradle/libs.versions.toml',
  'my.gemspec',
  '.yarn/releases/yarn-4.cjs',
  '.cargo/config.toml',
  '.devcontainer/x/devcontainer.json',
  'patches/left-pad+1.0.0.patch',
  '.mvn/wrapper/maven-wrapper.properties',
])('%s decides what is installed', (path) => {
  expect(isSetupFile(path)).toBe(true)
})

test.each([
  'src/package.ts',
  'docs/requirements.md',
  'lock.txt',
  'src/gradle.ts',
  'go.mod.md',
])('%s does not', (path) => {
  expect(isSetupFile(path)).toBe(false)
})
