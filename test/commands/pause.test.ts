import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { withOffice } from '../../src/commands/terminal/service/with-office.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { createReceiptKeys } from '../../src/receipts/receipt-keys.ts'
import { createPauseStore } from '../../src/runs/pause/operator-pause.ts'
import { createTokenStore } from '../../src/web/access/token-store.ts'
import { serveOperatorOffice } from '../../src/wiring/operator-socket.ts'
import { processEnvironment } from '../support/environment.ts'
import { QUICK_WASM } from '../support/quick-wasm.ts'
import { copyTemplateDatabase } from '../support/template-database.ts'

const COMMAND = join(import.meta.dirname, '../../src/commands/pause.ts')

test('the operator pauses and resumes, whether the service runs on the data directory or not (S41)', async () => {
  const dataDir = await copyTemplateDatabase()
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const pause = async (...args: string[]) => {
    const env = { ...processEnvironment(), DATA_DIR: dataDir }
    const call = promisify(execFile)(process.execPath, [QUICK_WASM, COMMAND, ...args], { env, cwd: dataDir })
    return await call.then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      (error: { code: number; stderr: string }) => ({ code: error.code, text: error.stderr }),
    )
  }
  expect(await pause('on')).toEqual({ code: 1, text: expect.stringContaining('npm run pause -- off') })
  const begun = await pause('on', 'A key leaked', '--now')
  expect(begun.text).toMatch(
    /^Paused since 20.*Z: A key leaked\. No run starts\. Running runs are stopped\.\n/,
  )

  const db = await openDatabase({ dataDir })
  const pauses = createPauseStore(db)
  const closeOffice = await serveOperatorOffice(
    { dataDir },
    {
      tokens: createTokenStore(db),
      keys: createReceiptKeys(db),
      pauses,
      onError: (error) => expect.fail(String(error)),
    },
  )
  const told = await withOffice({ database: { dataDir } }, (office) => office.pauses.read())
  expect(told).toEqual(await pauses.read())
  expect(told).toMatchObject({ reason: 'A key leaked', stopRunning: true })
  expect((await pause('off')).text).toBe('The pause is over: A key leaked. Runs start again.\n')
  expect(await withOffice({ database: { dataDir } }, (office) => office.pauses.end())).toBeUndefined()
  expect(await pauses.read()).toBeUndefined()
  closeOffice()
  await db.close()
}, 30_000)
