import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { whyDiskIsFull } from '../../src/readiness/check-storage.ts'

test('a disk with less room than the database needs is said to be full, without naming its path', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'disk-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const missing = join(directory, 'not', 'made')
  for (const DATA_DIR of [directory, missing]) {
    const config = readConfig({ DATA_DIR })
    expect(await whyDiskIsFull(config)).toBeUndefined()
    const why = await whyDiskIsFull(config, Number.POSITIVE_INFINITY)
    expect(why).toMatch(/^The disk of DATA_DIR is full \(\d+ MiB left\)\. Free some space\.$/)
  }
})

test('a database elsewhere leaves the disk to caches, and one in memory to nothing', async () => {
  const full = Number.POSITIVE_INFINITY
  expect(await whyDiskIsFull(readConfig({ DATA_DIR: ':memory:' }), full)).toBeUndefined()
  const elsewhere = readConfig({ DATABASE_URL: 'postgres://a@127.0.0.1/b' })
  expect(await whyDiskIsFull(elsewhere, full)).toContain('is full')
})
