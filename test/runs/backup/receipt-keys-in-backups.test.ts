import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { createReceiptKeys } from '../../../src/receipts/receipt-keys.ts'
import { createReceiptStore } from '../../../src/receipts/receipt-store.ts'
import { restoreBackup } from '../../../src/runs/backup/restore-backup.ts'
import { writeBackup } from '../../../src/runs/backup/write-backup.ts'
import { openSharedDatabase } from '../../support/shared-postgres.ts'
import { fill } from './filled-database.ts'

test('a backup holds receipts and no private key, and a restore forgets no key that ever signed', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'backspace-backup-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const db = await openSharedDatabase()
  onTestFinished(() => db.close())
  await fill(db)
  const keys = createReceiptKeys(db)
  const file = join(directory, 'backup')
  await writeBackup(db, { file })
  const secret = await db.sql.selectFrom('receipt_secrets').select('private_key').executeTakeFirstOrThrow()
  expect(gunzipSync(await readFile(file)).includes(Buffer.from(secret.private_key).toString('hex'))).toBe(
    false,
  )

  const [before] = await keys.list()
  const later = await keys.rotate()
  await restoreBackup(db, { file, replace: true })
  expect(await createReceiptStore(db).find('run-1')).toMatchObject({ keyid: before?.keyid })
  const retired = { retiredAt: expect.any(Date) }
  expect(await keys.list()).toMatchObject([
    { keyid: before?.keyid, ...retired },
    { keyid: later.keyid, ...retired },
  ])
  await keys.ensure()
  expect(await keys.list()).toMatchObject([retired, retired, { retiredAt: null }])
})
