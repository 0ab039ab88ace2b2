import { expect, test } from 'vitest'
import {
  isKnownLock,
  isLockedBy,
  isLockFile,
  isManifestOrLock,
  lockFileProblems,
} from '../../src/checks/lock-files.ts'

test.each([
  ['package-lock.json', 'package.json', true],
  ['web/deno.lock', 'web/deno.jsonc', true],
  ['api/packages.lock.json', 'api/Shop.csproj', true],
  ['Gemfile.lock', 'shop.gemspec', true],
  ['web/yarn.lock', 'package.json', false],
  ['deno.lock', 'tsconfig.json', false],
  ['constructor', 'package.json', false],
])('%s is written from %s: %s', (lock, manifest, isSo) => {
  expect(isLockedBy(lock, manifest)).toBe(isSo)
})

test('what is named like a lock file is no line that a person wrote, and only known ones are left unread', () => {
  const paths = [
    'a/uv.lock',
    'go.work.sum',
    '.terraform.lock.hcl',
    'conda-lock.yml',
    'golden.lock',
    '.pnp.cjs',
    'src/lock.ts',
  ]
  expect(paths.map(isLockFile)).toEqual([true, true, true, true, true, false, false])
  expect(paths.filter(isKnownLock)).toEqual(['a/uv.lock', 'go.work.sum'])
  expect(['.pnp.cjs', 'web/package.json', 'limits.json'].map(isManifestOrLock)).toEqual([true, true, false])
})

test('a lock file that changes alone is named, with what it is written from', () => {
  expect(lockFileProblems(['deno.lock', 'src/a.ts'])).toEqual([
    '`deno.lock` changed, but `deno.json` and `deno.jsonc` and `package.json` did not',
  ])
  expect(lockFileProblems(['api/packages.lock.json', 'api/Shop.fsproj', 'x.lock'])).toEqual([])
})
