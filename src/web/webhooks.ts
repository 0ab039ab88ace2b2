import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { BackspaceError } from '../errors.ts'
import { deliveryKey } from '../runs/deliveries/delivery.ts'
import { parseJson, readBody, requireJson } from './read-request.ts'
import type { Webhook } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

const BODY_LIMIT = 25 * 1_048_576

/**
 * Receives webhooks: verifies the signature, commits the delivery and answers 202. A worker handles it later, because
 * GitHub waits at most ten seconds. Nothing of an unsigned request is stored or logged.
 */
export function createWebhookHandler(webhook: Webhook): (c: Context<WebEnv>) => Promise<Response> {
  return async (c) => {
    requireJson(c.req.raw)
    const body = await readBody(c.req.raw, BODY_LIMIT)
    verifySignature(body, { secret: webhook.secret, signature: c.req.header('x-hub-signature-256') })
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

/**
 * Signs the raw bytes: decoding and encoding the text again can change the bytes that GitHub signed.
 * See https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 */
function verifySignature(
  body: Uint8Array,
  { secret, signature }: { readonly secret: string; readonly signature: string | undefined },
): void {
  const given = /^sha256=([0-9a-f]{64})$/.exec(signature ?? '')?.[1]
  const expected = createHmac('sha256', secret).update(body).digest()
  if (given && timingSafeEqual(expected, Buffer.from(given, 'hex'))) return
  throw new BackspaceError(
    'unauthorized',
    'The signature of this delivery is missing or wrong. Set WEBHOOK_SECRET to the webhook secret on the settings page of the App.',
  )
}

function readHeader(c: Context<WebEnv>, name: string): string {
  const value = c.req.header(name)
  if (value !== undefined && /^[\w-]{1,100}$/.test(value)) return value
  throw new BackspaceError('bad_request', `The header ${name} is missing or malformed.`)
}
