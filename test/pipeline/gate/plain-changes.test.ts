import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { gateChanges } from '../../../src/pipeline/gate/gate-changes.ts'
import { isKnownWrapper } from '../../../src/pipeline/gate/known-wrappers.ts'
import { steeringOf } from '../../../src/pipeline/gate/steering.ts'
import { needsDraft } from '../../../src/pipeline/gate/steering-later.ts'
import { atOnce } from '../../../src/time/pieces.ts'
import { changed } from '../changed-file.ts'

function fileOf(path: string, before: string | null, after: string | null) {
  const status = before === null ? 'added' : after === null ? 'deleted' : 'modified'
  const file = changed({ path, status, text: after ?? '' })
  return {
    ...file,
    bytes: after === null ? null : file.bytes,
    before: before === null ? null : Buffer.from(before),
  }
}

const draftsBy = (path: string, before: string | null, after: string | null) =>
  steeringOf(fileOf(path, before, after)).filter(needsDraft)

type Edits = readonly (readonly [from: string, to: string])[]

/**
 * For each file: `==== path`, what it says, then changes that give it no new power, and beside them those that an attacker would make where
 * the same rule looks. Each is `"from" -> "to"` in JSON; an empty text is the end.
 */
const TWINS = readFileSync(new URL('../../fixtures/plain-changes.txt', import.meta.url), 'utf8')
  .split(/^==== /m)
  .slice(1)
  .map((one) => {
    const [file = '', plain = '', drafts = ''] = one.split(/^---- .*\n/m)
    const end = file.indexOf('\n')
    return {
      path: file.slice(0, end),
      before: file.slice(end + 1),
      plain: editsOf(plain),
      drafts: editsOf(drafts),
    }
  })

function editsOf(text: string): Edits {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(`[${line.replace('" -> "', '","')}]`))
}

function edited(before: string, [from, to]: Edits[number]): string {
  const after = from === '' ? before + to : before.replace(from, () => to)
  expect(after).not.toBe(before)
  return after
}

test.each(TWINS)('plain changes of $path are said and make no draft, and others do', ({
  path,
  before,
  plain,
  drafts,
}) => {
  for (const edit of plain) expect([edit, draftsBy(path, before, edited(before, edit))]).toEqual([edit, []])
  for (const edit of drafts)
    expect([edit, draftsBy(path, before, edited(before, edit))]).toEqual([edit, [expect.anything()]])
})

test('what goes takes no power along, but for what protects; a new program that a build runs is news', () => {
  for (const path of ['Procfile', 'docs/CNAME', '.idea/a.xml', '.gitmodules'])
    expect(draftsBy(path, 'a', null)).toEqual([])
  for (const path of ['.snyk', '.travis.yml', '.husky/pre-commit', '.npmrc', '.claude/settings.json'])
    expect([path, draftsBy(path, 'a: b', null)]).toEqual([path, [expect.anything()]])
  expect(draftsBy('build.rs', null, 'fn main() {}')).toHaveLength(1)
  expect(draftsBy('.husky/pre-commit', 'a', 'a')).toHaveLength(1)
  expect(draftsBy('tests/snapshots/home/.bashrc', 'a', 'b')).toEqual([])
  expect(draftsBy('home/.bashrc', 'a', 'b')).toHaveLength(1)
  expect(draftsBy('test-fixtures/x/.vscode/settings.json', null, '{}')).toEqual([])
  expect(draftsBy('x/.vscode/settings.json', null, '{"a.path":"b"}')).toHaveLength(1)
  expect(draftsBy('subprojects/lib/.gitlab-ci.yml', 'a', null)).toEqual([])
  expect(draftsBy('subprojects/lib/.gitlab-ci.yml', 'a', 'b')).toHaveLength(1)
  expect(draftsBy('.gitlab-ci.yml', 'a', null)).toHaveLength(1)
  expect(draftsBy('.kotlin/errors/errors-1.log', null, 'a')).toEqual([])
  expect(draftsBy('.kotlin/hooks/errors.log.sh', null, 'a')).toHaveLength(1)
  const links = 'options.links("https://junit.org/docs/api/")'
  expect(draftsBy('build.gradle', 'a', links)).toEqual([])
  expect(draftsBy('build.gradle', 'a', `${links}; maven { url "https://evil.example/m2" }`)).toHaveLength(1)
  expect(draftsBy('.dmux-hooks/examples/run_test.example', null, 'a')).toEqual([])
  expect(draftsBy('.dmux-hooks/run_test', null, 'a')).toHaveLength(1)
  const scheme = (file: string) => `<LaunchAction customLLDBInitFile = "$(SRCROOT)/${file}" />`
  expect(
    draftsBy('ios/A.xcscheme', '<LaunchAction />', scheme('Flutter/ephemeral/flutter_lldbinit')),
  ).toEqual([])
  expect(draftsBy('ios/A.xcscheme', '<LaunchAction />', scheme('evil_lldbinit'))).toHaveLength(1)
  expect(draftsBy('ios/Flutter/ephemeral/flutter_lldbinit', null, 'a')).toHaveLength(1)
  expect(draftsBy('.changes/next-release/1-feature.json', null, '{}')).toEqual([])
  expect(draftsBy('adapter/src/serverless.js', 'a', 'b')).toEqual([])
  expect(draftsBy('.github/links/pnpm-lock.yaml', 'a: 1\n', 'a: 2\n')).toEqual([])
  expect(draftsBy('.github/links/pnpm-lock.yaml', null, 'a: 2\n')).toHaveLength(1)
  expect(draftsBy('adapter/serverless.js', 'a', 'b')).toHaveLength(1)
  const tarball = (host: string) => `  a@1:\n    resolution: {tarball: https://${host}/a.tgz}\n`
  expect(draftsBy('pnpm-lock.yaml', 'a: 1\n', `a: 1\n${tarball('npm.jsr.io')}`)).toEqual([])
  expect(draftsBy('pnpm-lock.yaml', 'a: 1\n', `a: 1\n${tarball('npm.evil.io')}`)).toHaveLength(1)
})

test('a wrapper as its tool publishes it is known by its bytes', () => {
  const digest = 'f96a757581fe5292465e3f3393380bd11fd8086d450b92e7c693da6513f583fe'
  expect(isKnownWrapper('gradlew', digest)).toBe(true)
  expect(isKnownWrapper('mvnw', digest)).toBe(false)
  expect(isKnownWrapper('gradlew', digest.slice(1))).toBe(false)
  expect(draftsBy('gradlew', '#!/bin/sh', '#!/bin/sh\nevil')).toHaveLength(1)
})

test('settings that move are plain where they would be plain as new ones', () => {
  const moved = (bytes: string) =>
    steeringOf({
      ...fileOf('.bazelrc', bytes, bytes),
      status: 'renamed',
      previousPath: 'opensource/.bazelrc',
    }).filter(needsDraft)
  expect(moved('build --cxxopt=-O2\n')).toEqual([])
  expect(moved('build --run_under=evil\n')).not.toEqual([])
})

test('YAML that one reader takes otherwise is no plain change', () => {
  expect(draftsBy('action.yml', 'a: "no"\n', 'a: no\n')).toHaveLength(1)
  expect(draftsBy('action.yml', 'a: 1\n', 'a: 1\na: 2\n')).toHaveLength(1)
})

test('a plain change is named in the pull request and blocks a tainted run', () => {
  const files = [fileOf('.tool-versions', 'nodejs 20.1.0\n', 'nodejs 24.1.0\n')]
  const request = {
    changes: { files, leaks: new Map(), allowed: { source: undefined, findings: [] }, leftOut: [] },
    baseTree: new Set(['.tool-versions']),
  }
  const { draft, remarks } = atOnce(gateChanges({ ...request, tainted: false }))
  expect({ draft, remarks }).toEqual({
    draft: false,
    remarks: [expect.stringContaining('`.tool-versions` steers editors')],
  })
  expect(() => atOnce(gateChanges({ ...request, tainted: true }))).toThrow('Nothing was published')
})
