import { expect, test } from 'vitest'
import { ECOSYSTEMS, ecosystemsOf, isHostPattern } from '../../../src/checks/ecosystem-hosts.ts'
import { howToOpen, openHosts } from '../../../src/checks/environment/open-hosts.ts'

const DEFAULTS = { hosts: ['registry.npmjs.org'], ecosystems: true, repositories: ['*.example.org'] }
const open = (files: readonly string[], asked: readonly string[] = [], operator = DEFAULTS) =>
  openHosts(operator, { files, asked, source: '.github/backspace.yml' })

test('only the hosts of ecosystems that a repository has are opened', () => {
  expect(open(['README.md']).policy.allowHosts).toEqual(['registry.npmjs.org'])
  expect(open(['go.mod', 'a/b.go']).policy.allowHosts).toEqual([
    'registry.npmjs.org',
    'proxy.golang.org',
    'sum.golang.org',
    'storage.googleapis.com',
  ])
  expect(open(['app/build.gradle.kts']).policy.allowHosts).toEqual(
    expect.arrayContaining([
      'services.gradle.org',
      'plugins.gradle.org',
      'github.com',
      'repo.maven.apache.org',
    ]),
  )
  expect(open(['go.mod'], [], { ...DEFAULTS, ecosystems: false }).policy.allowHosts).toEqual([
    'registry.npmjs.org',
  ])
})

test.each([
  ['package.json', 'registry.npmjs.org'],
  ['deno.jsonc', 'jsr.io'],
  ['requirements-dev.txt', 'files.pythonhosted.org'],
  ['Cargo.toml', 'index.crates.io'],
  ['pom.xml', 'repo.maven.apache.org'],
  ['Gemfile', 'rubygems.org'],
  ['composer.json', 'codeload.github.com'],
  ['src/App.csproj', 'api.nuget.org'],
  ['mix.exs', 'repo.hex.pm'],
  ['pubspec.yaml', 'pub.dev'],
  ['Package.swift', 'github.com'],
])('%s opens %s', (file, host) => {
  expect(ecosystemsOf([file]).flatMap(({ hosts }) => hosts)).toContain(host)
})

test('every host of the table is a host name', () => {
  expect(ECOSYSTEMS.flatMap(({ hosts }) => hosts).filter((host) => !isHostPattern(host))).toEqual([])
})

test('a repository opens hosts within what the operator allows, and the others are named with the line', () => {
  const asked = [
    'cdn.example.org',
    '*.a.example.org',
    'plugins.gradle.org',
    'evil.test',
    '*.org',
    'registry.npmjs.org',
  ]
  const { policy, refused } = open([], asked)
  expect(policy).toEqual({
    allowHosts: ['registry.npmjs.org'],
    publicHosts: ['cdn.example.org', '*.a.example.org', 'plugins.gradle.org'],
  })
  expect(refused).toEqual([
    expect.stringMatching(
      /`evil\.test` stays closed.*`BACKSPACE_REPOSITORY_EGRESS=\*\.example\.org,evil\.test`\.$/,
    ),
    expect.stringContaining('`*.org` stays closed'),
  ])
})

test('a host that was refused is named with the line that opens it', () => {
  expect(howToOpen('cdn.example.org', DEFAULTS)).toContain(
    '`egress: [cdn.example.org]` to `.github/backspace.yml`',
  )
  expect(howToOpen('pub.dev', DEFAULTS)).toContain('`egress: [pub.dev]`')
  expect(howToOpen('evil.test', DEFAULTS)).toContain('`BACKSPACE_EGRESS=registries,evil.test`')
  expect(howToOpen('evil.test', { ...DEFAULTS, ecosystems: false })).toContain(
    'add `,evil.test` to `BACKSPACE_EGRESS`',
  )
})
