import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findHiddenEntries, otherPaths } from '../../../src/sandbox/local/hidden-entries.ts'
import { sharedSpawner } from '../../support/shared-spawner.ts'

let base: string
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'hidden-')))
  mkdirSync(join(base, 'lib/deep/keys'), { recursive: true })
  mkdirSync(join(base, 'bin'))
  writeFileSync(join(base, 'lib/deep/app.pem'), 'key')
  for (const directory of ['', 'lib', 'lib/deep', 'bin']) chmodSync(join(base, directory), 0o755)
})
afterEach(() => rmSync(base, { recursive: true }))

const find = async (own: readonly string[], user?: { readonly uid: number; readonly gid: number }) => {
  const parts = ['lib', 'bin'].map((name) => ({ source: join(base, name), target: join('/opt/app', name) }))
  const toolchains = [{ source: base, target: base, parts }]
  const found = await findHiddenEntries({ own, toolchains, user, spawner: sharedSpawner })
  return found
    .filter(({ path }) => path.startsWith('/opt/app'))
    .map(({ path }) => path)
    .sort()
}
const OTHER = { uid: 65_534, gid: 65_534 }

test('the service’s own files are hidden inside what a box sees, by every name that leads to them', async () => {
  symlinkSync(join(base, 'lib/deep'), join(base, 'data'))
  expect(await find([join(base, 'lib/deep/app.pem')], OTHER)).toEqual(['/opt/app/lib/deep/app.pem'])
  expect(await find([join(base, 'data')], OTHER)).toEqual(['/opt/app/lib/deep'])
  expect(await find([base], OTHER)).toEqual(['/opt/app/bin', '/opt/app/lib'])
  expect(await find([join(base, 'nowhere'), '/srv/other'], OTHER)).toEqual([])
})

test('files that others may not read are hidden from a box that runs as the same user', async () => {
  writeFileSync(join(base, 'lib/secret'), 's', { mode: 0o600 })
  writeFileSync(join(base, 'lib/group'), 's', { mode: 0o640 })
  writeFileSync(join(base, 'lib/open'), 's', { mode: 0o644 })
  writeFileSync(join(base, 'lib/a\nb'), 's', { mode: 0o600 })
  chmodSync(join(base, 'lib/deep/keys'), 0o711)
  expect(await find([])).toEqual([
    '/opt/app/lib/a\nb',
    '/opt/app/lib/deep/keys',
    '/opt/app/lib/group',
    '/opt/app/lib/secret',
  ])
  expect(await find([], OTHER)).toEqual([]) // The kernel refuses them.
})

test('a directory with very many private files is hidden as a whole', async () => {
  for (let count = 0; count < 250; count++) writeFileSync(join(base, `lib/${count}`), '', { mode: 0o600 })
  expect(await find([])).toEqual(['/opt/app/lib'])
})

test('dot files beside programs are hidden', async () => {
  writeFileSync(join(base, 'bin/.env'), 'TOKEN=1', { mode: 0o644 })
  linkSync(join(base, 'bin/.env'), join(base, 'lib/.keep'))
  expect(await find([], OTHER)).toEqual(['/opt/app/bin/.env'])
})

test.for([
  ['/srv/keys/app.pem', ['/opt/app/lib/keys/app.pem']],
  ['/srv', ['/opt/app/lib/keys', '/usr/local/share/data']],
  ['/srv/data/db', ['/usr/local/share/data/db']],
  ['/mnt/usb/x', []],
] as const)('%s is also at %j, where directories are mounted twice', ([path, others]) => {
  const mounts = [
    { device: '254:0', root: '/', point: '/' },
    { device: '254:0', root: '/srv/keys', point: '/opt/app/lib/keys' },
    { device: '254:0', root: '/srv/data', point: '/usr/local/share/data' },
    { device: '8:1', root: '/', point: '/mnt/usb' },
  ]
  expect(otherPaths(path, mounts)).toEqual(others)
})
