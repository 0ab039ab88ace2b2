import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findToolchains } from '../../../src/sandbox/local/toolchains.ts'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'toolchains-')))
afterAll(() => rmSync(base, { recursive: true }))

/** Without the machine's own, such as `/usr/local/go`. */
const find = (onPath: string, hidden: readonly string[]) => {
  const { path, installed } = findToolchains(onPath, hidden)
  return { path, installed: installed.filter(({ source }) => !source.startsWith('/usr/')) }
}

const make = (path: string) => {
  mkdirSync(join(base, path), { recursive: true })
  return join(base, path)
}

test('the system’s directories are always there, homes and what is not there never', () => {
  const { path, installed } = find(`${homedir()}:/root/bin:/nowhere/bin:relative:${base}`, [])
  expect(path).toContain('/usr/bin')
  expect(
    path.every((directory) => directory.startsWith('/usr') || ['/sbin', '/bin'].includes(directory)),
  ).toBe(true)
  expect(installed).toEqual([])
})

test('one version of a version manager is shown, under a name that does not tell whose it is', () => {
  const node = make('alice/.nvm/versions/node/v22.1.0/bin')
  const { path, installed } = find(node, [])
  expect(installed).toEqual([
    expect.objectContaining({
      source: join(base, 'alice/.nvm/versions/node/v22.1.0'),
      target: '/backspace/tools/0',
    }),
  ])
  expect(path).toContain('/backspace/tools/0/bin')
  expect(path.join(':')).not.toContain('alice')
})

test('a link on PATH counts as its target', () => {
  make('bob/.local/share/fnm/node-versions/v22/installation/bin')
  symlinkSync(join(base, 'bob/.local/share/fnm/node-versions/v22/installation'), join(base, 'fnm-shell'))
  const { installed } = find(join(base, 'fnm-shell/bin'), [])
  expect(installed.map(({ source }) => source)).toEqual([
    join(base, 'bob/.local/share/fnm/node-versions/v22/installation'),
  ])
})

test('the directory of a manager itself, with its credentials, is not shown', () => {
  for (const path of ['.cargo/bin', '.nvm/bin', '.local/bin', '.pyenv/shims', '.rbenv/shims']) {
    expect([path, find(make(`carol/${path}`), []).installed]).toEqual([path, []])
  }
})

test('shims put the versions that their user has chosen on PATH; others are there for repositories that ask for them', () => {
  const shims = make('erin/.pyenv/shims')
  const version = make('erin/.pyenv/versions/3.12.1/bin')
  const other = make('erin/.pyenv/versions/3.9.18/bin')
  writeFileSync(join(base, 'erin/.pyenv/version'), '3.12.1\nsystem\n../../secrets\n')
  const { path, installed } = find(shims, [])
  expect(installed).toMatchObject([
    { source: dirname(version), target: '/backspace/tools/0' },
    { source: dirname(other) },
  ])
  expect(path).toContain('/backspace/tools/0/bin')
  expect(path).not.toContain(`${installed[1]?.target}/bin`)
})

test('cargo’s directory counts as the toolchain that rustup starts by default', () => {
  const bin = make('frank/.cargo/bin')
  const stable = make('frank/.rustup/toolchains/stable-x86_64/bin')
  symlinkSync(dirname(stable), join(base, 'frank/.rustup/toolchains/1.95.0'))
  writeFileSync(join(base, 'frank/.rustup/settings.toml'), 'default_toolchain = "1.95.0"\n')
  expect(find(bin, []).installed.map(({ source }) => source)).toEqual([dirname(stable)])
})

test('what must be hidden is hidden even when it looks like a tool', () => {
  const node = make('dave/.nvm/versions/node/v22/bin')
  expect(find(node, [join(base, 'dave')]).installed).toEqual([])
  expect(find('/srv/app/node_modules/.bin', []).installed).toEqual([])
})

test('of an installation only its tools are shown, never what an application has beside its programs', () => {
  const bin = make('grace/.asdf/installs/erlang/26/bin')
  for (const part of ['lib', 'share', 'erts-14.2', 'config', 'conf', 'etc', 'secrets']) {
    make(`grace/.asdf/installs/erlang/26/${part}`)
  }
  for (const file of ['.env', 'app.pem', 'bin/erl']) {
    writeFileSync(join(base, 'grace/.asdf/installs/erlang/26', file), '', { mode: 0o755 })
  }
  symlinkSync('/etc', join(dirname(bin), 'include'))
  const [erlang] = find(bin, []).installed
  expect(erlang?.parts.map(({ target }) => target).sort()).toEqual(
    ['bin', 'erts-14.2', 'lib', 'share'].map((part) => `/backspace/tools/0/${part}`),
  )
})
