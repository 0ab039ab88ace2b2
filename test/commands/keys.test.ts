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

const COMMAND = join(import.meta.dirname, '../../src/commands/keys.ts')

test('keys are listed and rotated, whether the service runs on the data directory or not', async () => {
  const dataDir = await copyTemplateDatabase()
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const keys = async (...args: string[]) => {
    const env = { ...processEnvironment(), DATA_DIR: dataDir }
    const call = promisify(execFile)(process.execPath, [QUICK_WASM, COMMAND, ...args], { env, cwd: dataDir })
    return await call.then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      (error: { code: number; stderr: string }) => ({ code: error.code, text: error.stderr }),
    )
  }
  expect(await keys('list')).toEqual({ code: 0, text: expect.stringContaining('There are no keys yet') })
  const [{ text: first }, wrong] = [await keys('rotate'), await keys('retire')]
  expect(first).toMatch(/^[0-9a-f]{64}\n {2}made 20.*Z, in use\nReceipts are signed with this key/)
  expect(wrong).toEqual({ code: 1, text: expect.stringContaining('npm run keys -- rotate') })

  const db = await openDatabase({ dataDir })
  const closeOffice = await serveOperatorOffice(
    { dataDir },
    {
      tokens: createTokenStore(db),
      keys: createReceiptKeys(db),
      pauses: createPauseStore(db),
      onError: (error) => expect.fail(String(error)),
    },
  )
  const made = await withOffice({ database: { dataDir } }, (office) => office.keys.rotate())
  const { text } = await keys('list')
  closeOffice()
  await db.close()
  expect(text.match(/^[0-9a-f]{64}$/gm)).toEqual([first.slice(0, 64), made.keyid])
  expect(text).toMatch(/retired 20.*Z\n[0-9a-f]{64}\n.*in use\n$/)
  expect(text).not.toContain('PRIVATE')
}, 30_000)
