import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BackspaceError } from '../../../src/errors.ts'
import type { ChangedFile } from '../../../src/pipeline/collect/change-list.ts'
import { type GateRequest, gateChanges } from '../../../src/pipeline/gate/gate-changes.ts'
import { atOnce } from '../../../src/time/pieces.ts'
import { changed, withoutFindings } from '../changed-file.ts'

const BASE = ['README.md', 'src/a.ts', 'docs/Guide.md', '.github/workflows/ci.yml', 'AGENTS.md']

function gate(files: readonly ChangedFile[], rest: Partial<GateRequest> = {}) {
  const request = { changes: withoutFindings(files), baseTree: new Set(BASE), tainted: false }
  return atOnce(gateChanges({ ...request, ...rest }))
}

function refusal(files: readonly ChangedFile[], rest: Partial<GateRequest> = {}): BackspaceError {
  try {
    gate(files, rest)
  } catch (error) {
    if (error instanceof BackspaceError) return error
    throw error
  }
  throw new Error('the gate let it pass')
}

test('an ordinary change passes whole', () => {
  const files = [
    changed({ path: 'src/a.ts', status: 'modified', text: 'new' }),
    changed({ path: 'bin/run', mode: '100755', text: '#!/bin/sh' }),
    changed({ path: 'README.md', status: 'deleted' }),
    changed({ path: 'docs/guide-2.md', previousPath: 'docs/Guide.md', status: 'renamed', text: 'x' }),
  ]
  expect(gate(files)).toEqual({
    ...{
      publish: files,
      withheld: [],
      protectedPaths: [],
      draft: false,
      reasons: [],
      notOnWindows: [],
      unfit: [],
      remarks: [],
    },
  })
})

test('a path into .git or out of the repository blocks everything; what is only unfit is left out alone, with a better name', () => {
  const good = changed({ path: 'src/a.ts', status: 'modified' })
  expect(refusal([good, changed({ path: 'a/../b' })]).userMessage).toContain('`a/../b`')
  expect(refusal([good, changed({ path: 'sub/.GIT/config' })]).code).toBe('publish_blocked')
  const unfit = [
    changed({ path: 'link', mode: '120000', text: '/etc/passwd' }),
    changed({ path: 'vendor/lib', mode: '160000', text: '' }),
    changed({ path: 'a\u202eb.ts' }),
    { ...changed({ path: 'big.txt' }), bytes: Buffer.alloc(10 * 1024 * 1024 + 1) },
  ]
  const report = gate([good, ...unfit], {
    changes: { ...withoutFindings([good, ...unfit]), leftOut: [{ path: 'huge.bin', why: 'has 40.0 MiB' }] },
  })
  expect(report).toMatchObject({ publish: [good], withheld: unfit, draft: true })
  expect(report.unfit).toEqual([
    expect.stringContaining('`link` is a symbolic link'),
    expect.stringContaining('`vendor/lib` is a submodule'),
    expect.stringContaining(
      '`a\\u{202e}b.ts` has an invisible or reordering character in its name; `ab.ts` would do',
    ),
    expect.stringContaining('`big.txt` has 10.0 MiB (limit 10.0 MiB)'),
    '`huge.bin` has 40.0 MiB',
  ])
  expect(report.reasons.join()).toContain('The rest may not work')
})

test('a link that only moves may move, and one that leads outside may not begin to', () => {
  const moved = (previousPath: string, path: string, target: string) => ({
    ...changed({ path, previousPath, status: 'renamed', mode: '120000', text: target }),
    previousMode: '120000',
  })
  const added = (path: string, target: string) => ({
    ...changed({ path, mode: '120000', text: target }),
    previousMode: '000000',
  })
  const removed = (path: string, target: string) => ({
    ...changed({ path, status: 'deleted' }),
    previousMode: '120000',
    before: Buffer.from(target),
  })
  const fits = (...files: ChangedFile[]) => {
    const paths = files.flatMap(
      ({ path, previousPath, status }) => previousPath ?? (status === 'deleted' ? path : []),
    )
    return gate(files, { baseTree: new Set([...BASE, ...paths]) }).withheld.length === 0
  }
  expect(fits(moved('old/link', 'new/link', 'file.txt'))).toBe(true)
  expect(fits(moved('old/link', 'new/link', '/usr/share/dict'))).toBe(true)
  expect(fits(moved('a/b/link', 'link', '../../x'))).toBe(false)
  expect(fits(moved('link', 'sub/link', '.git/config'))).toBe(true)
  expect(fits(moved('sub/link', 'link', '.git/config'))).toBe(true)
  expect(fits(removed('a/link', '../lib/x'), added('b/c/link', '../../lib/x'))).toBe(true)
  expect(fits(removed('a/link', '../lib/x'), added('b/c/link', '../../lib/y'))).toBe(false)
  expect(fits(added('link', 'README.md'))).toBe(false)
})

test('a deleted path must be one of the base commit', () => {
  expect(refusal([changed({ path: '../x', status: 'deleted' })]).userMessage).toContain('`../x`')
  expect(refusal([changed({ path: 'gone', status: 'deleted' })]).userMessage).toContain('is not there')
})

test('a list of the base commit that GitHub cut short proves nothing about what is missing in it', () => {
  const files = [changed({ path: 'gone', status: 'deleted' })]
  expect(gate(files, { baseTreeComplete: false }).publish).toEqual(files)
  const bad = [changed({ path: 'a/../gone', status: 'deleted' })]
  expect(refusal(bad, { baseTreeComplete: false }).code).toBe('publish_blocked')
})

test.each([
  ['readme.MD', '`README.md`'],
  ['SRC/b.ts', '`src`'],
  ['src/a.ts/b.ts', 'as a file and as a folder'],
  ['src', 'as a file and as a folder'],
])('%s collides with the base tree', (path, named) => {
  const report = gate([changed({ path }), changed({ path: 'fine' })])
  expect(report.publish.map((file) => file.path)).toEqual(['fine'])
  expect(report.unfit.join()).toContain(named)
})

test('of two spellings of one Unicode name one is published', () => {
  const report = gate([changed({ path: 'caf\u00e9' }), changed({ path: 'cafe\u0301' })])
  expect([report.publish.length, report.withheld.length]).toEqual([1, 1])
})

test('changing only the case of a name is a rename, not a collision', () => {
  const rename = changed({ path: 'readme.md', previousPath: 'README.md', status: 'renamed', text: 'x' })
  expect(gate([rename]).publish).toEqual([rename])
  expect(
    gate([changed({ path: 'readme.md' }), changed({ path: 'README.md', status: 'deleted' })]).draft,
  ).toBe(false)
})

test('collisions that are in the repository already are left alone', () => {
  const baseTree = new Set(['a.txt', 'A.txt'])
  expect(gate([changed({ path: 'A.txt', status: 'modified' })], { baseTree }).draft).toBe(false)
})

test('workflow files are withheld and the rest becomes a draft', () => {
  const workflow = changed({ path: '.github/workflows/ci.yml', status: 'modified', text: 'on: push' })
  const moved = changed({ path: 'ci.yml', previousPath: '.github/workflows/ci.yml', status: 'renamed' })
  const code = changed({ path: 'src/b.ts' })
  for (const withheld of [workflow, moved]) {
    const report = gate([withheld, code])
    expect(report).toMatchObject({ publish: [code], withheld: [withheld], draft: true })
    expect(report.reasons[0]).toContain('.github/workflows/ci.yml')
  }
  expect(gate([changed({ path: '.GitHub/Workflows/x.yml' })]).publish).toEqual([])
})

test.each([
  'Dangerfile',
  'docs/.codecov.yml',
  '.claude/settings.json',
  'sub/.claude/hooks.json',
  '.mcp.json',
  '.mergify.yml',
  '.devcontainer/devcontainer.json',
  '.gitmodules',
  'sub/.lfsconfig',
  '.npmrc',
])('%s makes a draft, and blocks a tainted run', (path) => {
  const files = [changed({ path }), changed({ path: 'src/b.ts' })]
  expect(gate(files, { baseTree: new Set() })).toMatchObject({
    draft: true,
    protectedPaths: [path],
    withheld: [],
  })
  expect(refusal(files, { baseTree: new Set(), tainted: true }).code).toBe('publish_blocked')
})

test('a tainted run is always a draft and points at what an install executes', () => {
  const manifest = changed({ path: 'package.json', text: '{}' })
  const report = gate([manifest, changed({ path: 'src/b.ts' })], { tainted: true })
  expect(report.draft).toBe(true)
  expect(report.reasons.join(' ')).toContain('`package.json`')
  expect(gate([manifest]).draft).toBe(false)
})

test('too many files or lines are refused with their limits, and lines of lock files do not count', () => {
  const many = Array.from({ length: 401 }, (_, index) => changed({ path: `f${index}` }))
  expect(refusal(many)).toMatchObject({ code: 'change_too_large' })
  expect(refusal([{ ...changed({ path: 'a' }), additions: 20_001 }]).userMessage).toContain('20001 lines')
  for (const path of [
    'package-lock.json',
    'sub/yarn.lock',
    'pnpm-lock.yaml',
    'go.sum',
    '.terraform.lock.hcl',
  ]) {
    expect(gate([{ ...changed({ path }), additions: 200_000 }]).publish).toHaveLength(1)
  }
})

test('files with very many lines are left out, if the rest is short enough without them', () => {
  const file = (path: string, additions: number) => ({ ...changed({ path }), additions })
  const report = gate([
    file('a', 9000),
    file('gen.json', 30_000),
    file('b.json', 6000),
    file('go.sum', 90_000),
  ])
  expect(report.publish.map(({ path }) => path)).toEqual(['a', 'b.json', 'go.sum'])
  expect(report.unfit).toEqual([
    '`gen.json` has 30000 changed lines, with which the change would have more than 20000 (`BACKSPACE_MAX_LINES`)',
  ])
  const many = Array.from({ length: 30 }, (_, index) => file(`f${index}`, 1000))
  expect(refusal([...many, file('gen.json', 6000)])).toMatchObject({ code: 'change_too_large' })
  expect(gate(many, { lines: 30_000 }).publish).toHaveLength(30)
})

test('whatever is published has a safe path, a regular mode and no workflow', () => {
  const path = fc
    .array(
      fc.constantFrom('.github', 'workflows', '.git', '..', 'src', 'SRC', 'a', 'é', 'e\u0301', 'Dangerfile'),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    .map((parts) => parts.join('/'))
  const file = fc.record({ path, mode: fc.constantFrom('100644', '100755', '120000', '160000') }).map(changed)
  fc.assert(
    fc.property(fc.array(file, { maxLength: 5 }), fc.boolean(), (files, tainted) => {
      try {
        const report = gate(files, { tainted })
        const folded = report.publish.map((item) => item.path.normalize('NFC').toLowerCase())
        expect(new Set(folded).size).toBe(folded.length)
        for (const item of report.publish) {
          expect(item.path).not.toMatch(/(^|\/)\.\.?(\/|$)|\.git(\/|$)|^\.github\/workflows/i)
          expect(['100644', '100755']).toContain(item.mode)
        }
        if (report.protectedPaths.length > 0) expect(report.draft && !tainted).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(BackspaceError)
      }
    }),
    { numRuns: 1000 },
  )
})
