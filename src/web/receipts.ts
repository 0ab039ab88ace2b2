import type { Context } from 'hono'
import type { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import { keyList, type keyListBody } from '../receipts/key-list.ts'
import { isTerminal, type Run } from '../runs/run.ts'
import type { RunReader } from './run-view.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

type ReceiptDeps = Pick<WebDeps, 'receipts'> & { readonly reader: Pick<RunReader, 'find'> }

/** `GET /runs/:id/receipt`: the envelope, byte for byte as it was signed. */
export async function answerReceipt(
  c: Context<WebEnv>,
  { reader, receipts }: ReceiptDeps,
): Promise<Response> {
  const run = await reader.find(c)
  const receipt = await receipts.find(run.id)
  if (receipt === undefined) throw new BackspaceError('not_found', whyNoReceipt(run))
  return c.body(receipt.envelope, 200, {
    'Content-Type': 'application/json',
    'Content-Disposition': `inline; filename="receipt-${receipt.commit.slice(0, 12)}.json"`,
    'Cache-Control': 'no-store',
  })
}

const WHEN = 'A run gets one when it publishes a change that was verified, or proves a pull request.'

function whyNoReceipt({ status }: Pick<Run, 'status'>): string {
  return isTerminal(status) ? `This run has no receipt. ${WHEN}` : `This run has no receipt yet. ${WHEN}`
}

/** `GET /.well-known/backspace/keys.json`: public, and cached only briefly, so that all readers soon see a new key. */
export async function answerKeys(
  c: Context<WebEnv>,
  { receipts }: Pick<ReceiptDeps, 'receipts'>,
): Promise<Response> {
  c.header('Cache-Control', 'public, max-age=300')
  c.header('Access-Control-Allow-Origin', '*')
  return c.json(keyList(await receipts.keys()) satisfies z.infer<typeof keyListBody>)
}
