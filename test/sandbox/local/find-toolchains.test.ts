import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findToolchains } from '../../../src/sandbox/local/find-toolchains.ts'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'toolchains-')))
afterAll(() => rmSync(base, { recursive: true }))

const make = (path: string) => {
  mkdirSync(join(base, path), { recursive: true })
  return join(base, path)
}

test('the system’s directories are always there, homes and what is not there never', () => {
  const { path, mounts } = findToolchains(`${homedir()}:/root/bin:/nowhere/bin:relative:${base}`, [])
  expect(path).toContain('/usr/bin')
  expect(
    path.every((directory) => directory.startsWith('/usr') || ['/sbin', '/bin'].includes(directory)),
  ).toBe(true)
  expect(mounts).toEqual([])
})

test('one version of a version manager is shown, under a name that does not tell whose it is', () => {
  const node = make('alice/.nvm/versions/node/v22.1.0/bin')
  const { path, mounts } = findToolchains(node, [])
  expect(mounts).toEqual([
    expect.objectContaining({
      source: join(base, 'alice/.nvm/versions/node/v22.1.0'),
      target: '/backspace/tools/0',
    }),
  ])
  expect(path).toContain('/backspace/tools/0/bin')
  expect(path.join(':')).not.toContain('alice')
})

test('a link on PATH stands for what it leads to', () => {
  make('bob/.local/share/fnm/node-versions/v22/installation/bin')
  symlinkSync(join(base, 'bob/.local/share/fnm/node-versions/v22/installation'), join(base, 'fnm-shell'))
  const { mounts } = findToolchains(join(base, 'fnm-shell/bin'), [])
  expect(mounts.map(({ source }) => source)).toEqual([
    join(base, 'bob/.local/share/fnm/node-versions/v22/installation'),
  ])
})

test('the directory of a manager itself, with its credentials, is not shown', () => {
  for (const path of ['carol/.cargo/bin', 'carol/.nvm/bin', 'carol/.local/bin', 'carol/.pyenv/shims']) {
    expect([path, findToolchains(make(path), []).mounts]).toEqual([path, []])
  }
})

test('what must be hidden is hidden even when it looks like a tool', () => {
  const node = make('dave/.nvm/versions/node/v22/bin')
  expect(findToolchains(node, [join(base, 'dave')]).mounts).toEqual([])
  expect(findToolchains('/srv/app/node_modules/.bin', []).mounts).toEqual([])
})
