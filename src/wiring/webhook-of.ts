import type { Config } from '../config.ts'
import type { WebDeps, Webhook } from '../web/web-deps.ts'

/** Where webhooks arrive; nowhere without an App, which alone has a secret to sign them with. */
export function webhookOf(
  { app, webhookPath }: Config['github'],
  accept: Webhook['accept'],
): WebDeps['webhook'] {
  return app && { path: webhookPath, secret: app.webhookSecret, accept }
}
