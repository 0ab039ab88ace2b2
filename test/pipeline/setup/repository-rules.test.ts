import { expect, test } from 'vitest'
import { createCommitTexts } from '../../../src/github/commit-texts.ts'
import type { RepositoryAccess } from '../../../src/github/github-access.ts'
import { chooseTemplate } from '../../../src/pipeline/setup/choose-template.ts'
import { rulesFor } from '../../../src/pipeline/setup/repository-rules.ts'

/** A repository whose settings file has this text; counts what GitHub is asked. */
function repositoryWith(text: string) {
  const asked: string[] = []
  const getContent = async ({ path, ref }: { path: string; ref: string }) => {
    asked.push(`${path}@${ref}`)
    return { data: { type: 'file', encoding: 'base64', content: Buffer.from(text).toString('base64') } }
  }
  const access = {
    repository: { owner: 'acme', name: 'api' },
    octokit: { rest: { repos: { getContent } } },
  } as unknown as RepositoryAccess
  return { access, asked }
}

async function choose(text: string, templates: readonly string[], ofTheOwner?: string) {
  const { access, asked } = repositoryWith(text)
  const defaults = { env: {}, services: [], egress: [], minutes: {}, problems: [], template: ofTheOwner }
  const readOwnerDefaults = async () => ({ settings: defaults })
  const rules = { templates, readOwnerDefaults, texts: createCommitTexts() }
  return { template: await chooseTemplate(access, { sha: 'abc' }, rules), asked }
}

test('a repository chooses among the templates that the operator allows, at the base commit', async () => {
  const { template, asked } = await choose('template: node-24', ['big', 'node-24'])
  expect([template, asked]).toEqual(['node-24', ['.github/backspace.yml@abc']])
  expect((await choose('template: other', ['node-24'])).template).toBe(undefined)
  expect((await choose('template: other', ['node-24'], 'node-24')).template).toBe(undefined)
  expect((await choose('checks: x', ['node-24'], 'node-24')).template).toBe('node-24')
})

test('where the operator allows none, GitHub is not asked', async () => {
  expect(await choose('template: node-24', [])).toEqual({ template: undefined, asked: [] })
})

test('the ecosystems of the base commit open their hosts before there is a sandbox', () => {
  const rules = {
    egress: { hosts: ['pypi.org'], ecosystems: true, repositories: [] },
    templates: [],
    minutes: { commands: { setup: 1, maxSetup: 1, check: 1, maxCheck: 1 }, run: 1 },
    readOwnerDefaults: async () => undefined,
    texts: createCommitTexts(),
  }
  const open = (...paths: string[]) =>
    rulesFor(rules, { entries: paths.map((path) => ({ path, mode: '100644', sha: 'a' })) }).egress.hosts
  expect(open('README.md', 'test/fixtures/a/mix.exs')).toEqual(['pypi.org'])
  expect(open('a/b/c/d/mix.exs')).toEqual(['pypi.org', 'repo.hex.pm', 'builds.hex.pm', 'hex.pm'])
})
