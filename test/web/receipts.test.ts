import { expect, test } from 'vitest'
import { checkReceipt } from '../../src/receipts/check-receipt.ts'
import { readKeyList } from '../../src/receipts/key-list.ts'
import { createReceiptIssuer } from '../../src/receipts/receipt-issuer.ts'
import { createReceiptKeys } from '../../src/receipts/receipt-keys.ts'
import { createReceiptStore } from '../../src/receipts/receipt-store.ts'
import { DRAFT, HEAD } from '../receipts/sample-receipt.ts'
import { expectValid } from '../support/api-contract.ts'
import { BODIES, SUCCESS } from './a-run.ts'
import { serveWeb, useDatabase } from './serve-web.ts'

const database = useDatabase()

test('the receipt of a run is served to the byte, and valid with the keys that are public', async () => {
  const db = database()
  const web = await serveWeb(db)
  const runId = await web.play([])
  const shown = async () => (await fetch(`${web.url}/runs/${runId}`)).json()
  expect(await shown()).toMatchObject({ receiptUrl: null })
  const missing = await fetch(`${web.url}/runs/${runId}/receipt`)
  expect([missing.status, await missing.json()]).toEqual([
    404,
    { error: expect.objectContaining({ message: expect.stringContaining('no receipt yet') }) },
  ])

  const store = createReceiptStore(db)
  const parts = { store, version: '1', redact: (text: string) => text }
  const issuer = createReceiptIssuer({ ...parts, runUrl: () => undefined, onError: expect.fail })
  const receipt = await issuer.issue({ runId, attempt: 1, draft: DRAFT, head: HEAD })
  await createReceiptKeys(db).rotate()
  expect(await shown()).toMatchObject({ receiptUrl: `${web.url}/runs/${runId}/receipt` })
  const ended = await web.play([...BODIES, SUCCESS])
  await issuer.issue({ runId: ended, attempt: 1, draft: DRAFT, head: HEAD })
  const page = await fetch(`${web.url}/runs/${ended}`, { headers: { accept: 'text/html' } })
  expect(await page.text()).toContain(`href="${web.url}/runs/${ended}/receipt"`)
  const answer = await fetch(`${web.url}/runs/${runId}/receipt`)
  const text = await answer.text()
  expect(text).toBe(receipt?.envelope)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('content-disposition')).toContain('receipt-333333333333.json')

  await web.tokens.create({
    name: 'ci',
    owner: null,
    repositories: ['other/*'],
    rights: ['read'],
    runsPerHour: null,
    expiresAt: null,
  })
  expect((await fetch(`${web.url}/runs/${runId}/receipt`)).status, 'as the run').toBe(401)
  const keys = await fetch(`${web.url}/.well-known/backspace/keys.json`)
  expect([keys.status, keys.headers.get('cache-control')]).toEqual([200, 'public, max-age=300'])
  const list = await keys.text()
  expect(checkReceipt(text, readKeyList(list)).verdict).toBe('valid')
  expectValid('Receipt', JSON.parse(text))
  expectValid('Keys', JSON.parse(list))
  expect(JSON.parse(list).keys).toMatchObject([{ retired_at: expect.any(String) }, { retired_at: null }])
})
