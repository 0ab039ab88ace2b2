import { expect, test } from 'vitest'
import type { ChangedFile } from '../../../src/pipeline/collect/change-list.ts'
import { gateChanges } from '../../../src/pipeline/gate/gate-changes.ts'
import { atOnce } from '../../../src/time/pieces.ts'
import { changed, withoutFindings } from '../changed-file.ts'

const gate = (files: readonly ChangedFile[], tainted = false) =>
  atOnce(gateChanges({ changes: withoutFindings(files), baseTree: new Set(), tainted }))

/** S24. */
test.each([
  'packages/a/AGENTS.md',
  'claude.md',
  'skills/a/SKILL.md',
  '.github/dependabot.yml',
  'renovate.json',
  '.changeset/config.json',
  '.github/labels.json',
  '.github/CODEOWNERS',
  '.github/stale.yml',
  '.pre-commit-hooks.yaml',
  '.unknown/notes.md',
])('%s acts once it is merged: it comes first without a draft, and blocks a tainted run', (path) => {
  const files = [changed({ path }), changed({ path: 'src/b.ts' })]
  const report = gate(files)
  expect(report).toMatchObject({ draft: false, protectedPaths: [path], withheld: [] })
  expect(report.remarks.join()).toContain(`\`${path}\` steers`)
  expect(() => gate(files, true)).toThrow('Nothing was published')
})

test.each([
  '.claude/settings.json',
  '.mcp.json',
  '.github/actions/setup/action.yml',
  '.github/check.sh',
  '.mergify.yml',
  '.unknown/requirements.txt',
  '.codecov.yml',
  'renovate.sh/.husky/pre-push',
])('%s acts at once, also beside what does not', (path) => {
  const report = gate([changed({ path: 'AGENTS.md' }), changed({ path })])
  expect(report.draft).toBe(true)
  expect(report.reasons.join()).toContain(`\`${path}\` steers`)
  expect(report.reasons.join()).not.toContain('AGENTS.md')
})
