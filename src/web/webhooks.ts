import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { BackspaceError } from '../errors.ts'
import { deliveryKey } from '../runs/deliveries/delivery.ts'
import type { ReadBody, ReceivedBody } from './read-body.ts'
import { parseJson, requireJson } from './read-request.ts'
import type { Webhook } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/** GitHub sends up to 25 MB and waits ten seconds for the answer. */
const BODY_LIMIT = { bytes: 25 * 1_048_576, ms: 10_000 }

/**
 * Receives webhooks: verifies the signature, commits the delivery and answers 202. A worker handles it later, because
 * GitHub waits at most ten seconds. Nothing of an unsigned request is read, and nothing of a wrongly signed one is stored
 * or logged.
 */
export function createWebhookHandler(
  webhook: Webhook,
  readBody: ReadBody,
): (c: Context<WebEnv>) => Promise<Response> {
  return async (c) => {
    const signature = readSignature(c)
    requireJson(c.req.raw)
    const body = await readBody(c.req.raw, BODY_LIMIT, (received) => {
      verifySignature(received, { secret: webhook.secret, signature })
      return received.bytes()
    })
    const event = readHeader(c, 'X-GitHub-Event')
    const deliveryId = readHeader(c, 'X-GitHub-Delivery')
    const payload = parseJson(body)
    if (event === 'ping') return c.json({ status: 'pong' })

    const status = await webhook
      .accept({
        deliveryId,
        event,
        payload: new TextDecoder().decode(body),
        contentKey: deliveryKey(event, payload),
      })
      .catch((error: unknown) => {
        // Without a 2xx answer, GitHub shows the delivery as failed, and it can be redelivered.
        throw new BackspaceError('unavailable', 'The delivery could not be stored. Redeliver it.', {
          cause: error,
        })
      })
    return c.json({ status }, 202)
  }
}

/** @throws {BackspaceError} `unauthorized` when the header cannot be GitHub's: the body need not be read then. */
function readSignature(c: Context<WebEnv>): Uint8Array {
  const given = /^sha256=([0-9a-f]{64})$/.exec(c.req.header('x-hub-signature-256') ?? '')?.[1]
  if (given) return Buffer.from(given, 'hex')
  throw notSigned()
}

/**
 * Signs the raw bytes: decoding and encoding the text again can change the bytes that GitHub signed.
 * See https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 */
function verifySignature(
  { chunks }: ReceivedBody,
  { secret, signature }: { readonly secret: string; readonly signature: Uint8Array },
): void {
  const hmac = createHmac('sha256', secret)
  for (const chunk of chunks) hmac.update(chunk)
  if (!timingSafeEqual(hmac.digest(), signature)) throw notSigned()
}

function notSigned(): BackspaceError {
  return new BackspaceError(
    'unauthorized',
    'The signature of this delivery is missing or wrong. Set WEBHOOK_SECRET to the webhook secret on the settings page of the App.',
    { facts: { limit: 'webhook_signature' } },
  )
}

function readHeader(c: Context<WebEnv>, name: string): string {
  const value = c.req.header(name)
  if (value !== undefined && /^[\w-]{1,100}$/.test(value)) return value
  throw new BackspaceError('bad_request', `The header ${name} is missing or malformed.`)
}
