import { expect, test } from 'vitest'
import { findChangeEntries } from '../../../src/pipeline/conventions/change-entries.ts'

test.each([
  ['changesets', '.changeset/config.json .changeset/brave-cats.md', 'changesets'],
  ['towncrier', 'docs/newsfragments/README.rst', 'docs/newsfragments/'],
  [
    'fragments of towncrier in a folder of a usual name',
    'CHANGES/.gitignore CHANGES/12.bugfix.rst',
    'CHANGES/',
  ],
  [
    'fragments in folders of parts',
    'docs/changes/wcs/7.api.rst docs/changes/wcs/8.feature.rst',
    'docs/changes/',
  ],
  ['only their template, after a release', 'changelog/README.rst changelog/_template.rst', 'changelog/'],
  ['a template without an ending', 'news/TEMPLATE', 'news/'],
  ['scriv', 'ChangeLog.d/00README.md', 'ChangeLog.d/'],
  ['antsibull', 'changelogs/config.yaml changelogs/fragments/85-x.yml', 'changelogs/fragments/'],
  ['reno', 'releasenotes/notes/x-0123.yaml', 'releasenotes/notes/'],
  ['numpy', 'doc/release/upcoming_changes/README.rst', 'doc/release/upcoming_changes/'],
  ['changie', '.changes/unreleased/Fixed-1.yaml .changes/v1.md', '.changes/'],
  ['files that wait for a release', 'changes/config.py changes/unreleased/5.toml', 'changes/unreleased/'],
  ['rubocop', 'changelog/fix_a_crash.md', 'changelog/'],
  ['Nx', '.nx/version-plans/version-plan-1.md', '.nx/version-plans/'],
  ['Rush', 'rush.json common/changes/@a/b/main.json', 'common/changes/'],
  ['beachball', 'beachball.config.js change/a-1.json', 'change/'],
  ['of two, the one that is not deep', 'a/b/newsfragments/1.bug newsfragments/1.bug', 'newsfragments/'],
  ['a blog', 'site/news/2024-01-02-hello.md news/index.html', undefined],
  ['code that is named like it', 'src/changes/list.ts change/index.ts changelog/main.go', undefined],
  ['a fixture', 'tests/fixtures/newsfragments/1.bugfix.rst', undefined],
])('%s', (_, paths, expected) => {
  const found = findChangeEntries(paths.split(' '))
  expect(found?.kind === 'files' ? found.folder : found?.kind).toBe(expected)
})
