import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { compareClone } from '../../src/commands/terminal/clone/compare-clone.ts'
import type { BackspaceError } from '../../src/errors.ts'
import { draftReceipt } from '../../src/receipts/draft-receipt.ts'
import type { Predicate, Statement } from '../../src/receipts/statement.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { FACTS, factsAt } from '../receipts/sample-receipt.ts'

const folder = await mkdtemp(join(tmpdir(), 'backspace-clone-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A clone with a base commit and a change, and the receipt of that change. */
async function cloneWithReceipt(): Promise<{ directory: string; receipt: Predicate }> {
  const directory = await mkdtemp(join(folder, 'clone-'))
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', directory, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', GIT_CONFIG_NOSYSTEM: '1', HOME: folder },
    }).trim()
  git('init', '--quiet')
  await writeFile(join(directory, 'app.js'), 'old')
  await writeFile(join(directory, 'gone.js'), 'gone')
  git('add', '.')
  git('commit', '--quiet', '-m', 'base')
  const base = { branch: 'main', sha: git('rev-parse', 'HEAD'), tree: git('rev-parse', 'HEAD^{tree}') }
  await writeFile(join(directory, 'app.js'), 'new')
  await rm(join(directory, 'gone.js'))
  git('add', '--all')
  git('commit', '--quiet', '-m', 'change')
  const [commit, tree] = [git('rev-parse', 'HEAD'), git('rev-parse', 'HEAD^{tree}')]
  const sha = git('rev-parse', 'HEAD:app.js')
  const [modified, deleted] = [{ status: 'modified' as const, mode: '100644' }, FACTS.files[1]]
  const draft = await draftReceipt(
    {
      ...FACTS,
      base,
      files: [
        { path: 'app.js', ...modified, bytes: Buffer.from('new'), sha },
        ...(deleted ? [{ ...deleted, path: 'gone.js' }] : []),
      ],
      verification: { ...FACTS.verification, baseSha: base.sha, tree },
    },
    createRedact([]),
  )
  const head = { branch: 'backspace/fix', commit, tree }
  return { directory, receipt: { ...factsAt('2026-11-29T08:00:00.000Z'), ...draft, head } }
}

test('a clone is compared by commit, tree, files and what else was changed', async () => {
  const { directory, receipt } = await cloneWithReceipt()
  const against = async (predicate: object, repo = directory) =>
    compareClone(repo, { predicate: { ...receipt, ...predicate } as Statement['predicate'] }).catch(
      (error: BackspaceError) => error.userMessage,
    )
  expect(await against({})).toEqual({ differences: [], left: [] })
  const [app, gone] = receipt.files
  const sha256 = createHash('sha256').update('x').digest('hex')
  const tree = '7'.repeat(40)
  for (const [predicate, difference] of [
    [{ files: [app] }, /^gone\.js was changed, and the receipt does not list it\.$/],
    [{ files: [{ ...app, digest: { ...app?.digest, sha256 } }, gone] }, /^app\.js has other bytes\.$/],
    [
      { files: [{ ...app, mode: '100755' }, gone] },
      /^app\.js is not in the commit as the receipt lists it\.$/,
    ],
    [{ files: [app, { ...app, path: 'gone.js', previousPath: 'app.js' }] }, /^gone\.js is not in the commit/],
    [{ head: { ...receipt.head, tree } }, /^The commit [0-9a-f]{12} has a different tree\.$/],
  ] as const) {
    expect(await against(predicate)).toEqual({ differences: [expect.stringMatching(difference)], left: [] })
  }
  const unknown = '8'.repeat(40)
  expect(await against({ base: { ...receipt.base, commit: unknown } })).toEqual({
    differences: [],
    left: [expect.stringContaining('lacks the base commit 888888888888')],
  })
  expect(await against({ head: { ...receipt.head, commit: unknown } })).toMatch(
    /does not have the commit 8+\. Fetch it.*\n.*fetch origin 8+/,
  )
  expect(await against({}, folder)).toMatch(/is not a clone/)
}, 30_000)
