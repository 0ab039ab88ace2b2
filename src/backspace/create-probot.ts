import type { EmitterWebhookEvent } from '@octokit/webhooks'
import { Probot } from 'probot'
import type { Config } from '../config.ts'
import type { Delivery } from '../runs/deliveries/delivery.ts'
import type { Logger } from '../telemetry/logger.ts'

/** What happens to a delivery that was stored. */
export interface DeliveryHandler {
  ready(): Promise<unknown>
  handle(delivery: Delivery): Promise<void>
}

/**
 * Verifying and storing is ours; Probot's part is to know the events and call their handlers.
 *
 * @returns undefined without an App.
 */
export function createProbot(
  { github }: Config,
  { logger, app }: { readonly logger: Logger; readonly app: (probot: Probot) => void },
): DeliveryHandler | undefined {
  if (!github.app) return undefined
  const { id: appId, privateKey, webhookSecret: secret } = github.app
  const probot = new Probot({ appId, privateKey, secret, baseUrl: github.apiUrl, log: logger })
  probot.load(app)
  return {
    ready: () => probot.ready(),
    async handle({ deliveryId, event, payload }) {
      const body: unknown = JSON.parse(payload)
      // Signed, but nothing that GitHub sends; Probot would fail over it, each time that it is tried.
      if (typeof body !== 'object' || body === null) return
      // Any event may come; Probot calls the handlers of those that we listen to.
      const received = { id: deliveryId, name: event, payload: body }
      await probot.receive(received as EmitterWebhookEvent)
    },
  }
}
