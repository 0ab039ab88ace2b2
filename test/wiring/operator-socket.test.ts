import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createReceiptKeys } from '../../src/receipts/receipt-keys.ts'
import { createPauseStore } from '../../src/runs/pause/operator-pause.ts'
import { createTokenStore } from '../../src/web/access/token-store.ts'
import { connectOperatorOffice, serveOperatorOffice } from '../../src/wiring/operator-socket.ts'
import { openSharedDatabase } from '../support/shared-postgres.ts'

test('what the running service could not do for an operator is in its log, and the operator is sent there', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'office-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const db = await openSharedDatabase()
  const logged: unknown[] = []
  const closeOffice = await serveOperatorOffice(
    { dataDir },
    {
      tokens: createTokenStore(db),
      keys: createReceiptKeys(db),
      pauses: createPauseStore(db),
      onError: (error) => logged.push(error),
    },
  )
  onTestFinished(closeOffice)
  const office = connectOperatorOffice(dataDir)
  expect(await office?.tokens.list()).toEqual([])
  await expect(office?.tokens.revoke('nobody')).rejects.toThrow(
    'No API token that works has the name or id "nobody"',
  )
  expect(logged).toEqual([])

  await db.close()
  await expect(office?.tokens.list()).rejects.toThrow(
    'The running Backspace failed at that. Its log says why.',
  )
  expect(logged).toEqual([expect.any(Error)])
})
