import { expect, test } from 'vitest'
import { chooseToolchains } from '../../../src/checks/environment/choose-toolchains.ts'
import type { InstalledToolchain, Language } from '../../../src/checks/environment/installed-toolchains.ts'
import { readVersionWishes } from '../../../src/checks/environment/version-wishes.ts'
import { projectOf } from '../project-of.ts'

/** `node 20.20.2` is on PATH; others follow after a comma. */
function installed(text: string): readonly InstalledToolchain[] {
  return text.split(', ').map((one, index) => {
    const [language = '', version = '', channel] = one.split(' ')
    return {
      language: language as Language,
      version,
      channel,
      directory: `/tools/${index}`,
      program: language,
      onPath: index === 0,
    }
  })
}

async function choose(files: Record<string, string>, has: string, tools: readonly string[] = []) {
  const project = projectOf(files, tools, installed(has))
  const { wishes, unknown } = await readVersionWishes(project)
  const { chosen, unmet, near } = chooseToolchains(wishes, project)
  return { chosen: chosen.map(({ version, channel }) => channel ?? version), unmet, near, unknown }
}

const NODES = 'node 20.20.2, node 24.21.0, node 18.19.0'
const json = (value: object) => ({ 'package.json': JSON.stringify(value) })

test.each<[string, Record<string, string>, string, readonly string[]]>([
  ['the version on PATH fits', { '.nvmrc': 'v20\n' }, NODES, []],
  ['.nvmrc', { '.nvmrc': '24' }, NODES, ['24.21.0']],
  ['another patch', { '.nvmrc': 'v24.3.0' }, NODES, ['24.21.0']],
  ['.node-version', { '.node-version': '18.19.0' }, NODES, ['18.19.0']],
  ['a long-term line', { '.nvmrc': 'lts/krypton' }, NODES, ['24.21.0']],
  ['any long-term line', { '.nvmrc': 'lts/*' }, NODES, []],
  ['a word', { '.nvmrc': 'node' }, NODES, []],
  ['volta', json({ volta: { node: '24.0.0' }, engines: { node: '>=18' } }), NODES, ['24.21.0']],
  ['engines', json({ engines: { node: '>=22.12' } }), NODES, ['24.21.0']],
  ['engines that fit', json({ engines: { node: '^18 || >=20' } }), NODES, []],
  [
    'a file counts before engines',
    { ...json({ engines: { node: '>=18' } }), '.nvmrc': '24' },
    NODES,
    ['24.21.0'],
  ],
  ['.tool-versions', { '.tool-versions': '# ours\nnodejs 24.1.0 20.0.0\npnpm 9\n' }, NODES, ['24.21.0']],
  ['mise', { 'mise.toml': '[tools]\nnode = ["24", "20"]\n' }, NODES, ['24.21.0']],
  ['mise with a table', { '.mise.toml': '[tools]\nnode = { version = "24" }\n' }, NODES, ['24.21.0']],
  ['.python-version', { '.python-version': '3.12\n' }, 'python 3.11.2, python 3.12.4', ['3.12.4']],
  [
    'requires-python',
    { 'pyproject.toml': '[project]\nrequires-python = ">=3.12,<4,!=3.12.1"\n' },
    'python 3.11.2, python 3.13.1',
    ['3.13.1'],
  ],
  [
    'a compatible release',
    { 'pyproject.toml': '[project]\nrequires-python = "~=3.11"\n' },
    'python 3.11.2, python 3.13.1',
    [],
  ],
  [
    'an exact series',
    { 'pyproject.toml': '[project]\nrequires-python = "==3.13.*"\n' },
    'python 3.11.2, python 3.13.1',
    ['3.13.1'],
  ],
  ['go.mod', { 'go.mod': 'module a\n\ngo 1.22\n\ntoolchain go1.23.1\n' }, 'go 1.20.1, go 1.23.4', ['1.23.4']],
  ['an older go.mod', { 'go.mod': 'module a\ngo 1.18\n' }, 'go 1.26.0', []],
  [
    'rust-toolchain.toml',
    { 'rust-toolchain.toml': '[toolchain]\nchannel = "1.75.0"\n' },
    'rust 1.95.0, rust 1.75.0',
    ['1.75.0'],
  ],
  ['stable', { 'rust-toolchain': 'stable\n' }, 'rust 1.95.0, rust 1.97.0 nightly', []],
  ['nightly', { 'rust-toolchain': 'nightly-2026-01-01' }, 'rust 1.95.0, rust 1.97.0 nightly', ['nightly']],
  ['.java-version', { '.java-version': 'temurin-21.0.2' }, 'java 17.0.15, java 21.0.3', ['21.0.3']],
  ['an old name of Java', { '.java-version': '1.8' }, 'java 17.0.15, java 8.0.3', ['8.0.3']],
  ['.ruby-version', { '.ruby-version': 'ruby-3.3.0' }, 'ruby 3.1.2, ruby 3.3.5', ['3.3.5']],
])('%s is honoured', async (_name, files, has, chosen) => {
  expect(await choose(files, has)).toMatchObject({ chosen, unmet: [] })
})

test('a version that is missing is named with those that are there', async () => {
  expect((await choose({ '.nvmrc': '22' }, NODES)).unmet).toEqual([
    '`.nvmrc` asks for Node `22`, and the sandbox has only 20.20.2, 24.21.0, 18.19.0. Commands get 24.21.0.',
  ])
  expect((await choose(json({ engines: { node: '>=26' } }), 'node 20.20.2')).unmet).toEqual([
    '`engines` in package.json asks for Node `>=26`, and the sandbox has only 20.20.2. Commands get 20.20.2.',
  ])
  expect((await choose({ 'go.mod': 'go 1.22' }, 'node 20.20.2')).unmet).toEqual([
    '`go.mod` asks for Go `1.22`, and the sandbox has no Go. Commands that need it will fail.',
  ])
  expect((await choose({ '.nvmrc': '24.3.0' }, NODES)).near).toEqual([
    '`.nvmrc` asks for Node `24.3.0`. Node 24.21.0 is used.',
  ])
})

test('what a tool fetches by its own means is not missing', async () => {
  expect((await choose({ 'go.mod': 'go 1.30' }, 'go 1.24.0')).unmet).toEqual([])
  expect((await choose({ 'rust-toolchain': '1.60' }, 'rust 1.95.0', ['rustup'])).unmet).toEqual([])
  expect((await choose({ 'rust-toolchain': '1.60' }, 'rust 1.95.0')).unmet).toHaveLength(1)
})

test.each([
  ['../../bin', '.nvmrc'],
  ['$(reboot)', '.nvmrc'],
  ['x'.repeat(100), '.nvmrc'],
  ['', '.nvmrc'],
  ['{ not json', 'package.json'],
  ['[tools', 'mise.toml'],
  ['[toolchain]\nchannel = 5', 'rust-toolchain.toml'],
  ['9'.repeat(50), '.nvmrc'],
])('%j is no version', async (text, file) => {
  const { chosen, near } = await choose({ [file]: text }, NODES)
  expect([chosen, near]).toEqual([[], []])
})

test('tools that Backspace does not look for are listed', async () => {
  const files = { '.tool-versions': 'elixir 1.15.7\nnodejs 20\nuv 0.5\n' }
  expect((await choose(files, NODES)).unknown).toEqual([{ tool: 'elixir 1.15.7', source: '.tool-versions' }])
  // Another interpreter is not the usual one in that version.
  const other = await choose({ '.python-version': 'pypy3.9-7.3\n' }, 'python 3.9.1, python 3.12.4')
  expect(other.unknown).toEqual([{ tool: 'pypy 3.9-7.3', source: '.python-version' }])
})
