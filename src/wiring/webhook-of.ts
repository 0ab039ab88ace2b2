import type { Config } from '../config.ts'
import type { WebDeps, Webhook } from '../web/web-deps.ts'

/** The path and secret of webhooks; undefined without an App, since only an App has a secret to sign them. */
export function webhookOf(
  { app, webhookPath }: Config['github'],
  accept: Webhook['accept'],
): WebDeps['webhook'] {
  return app && { path: webhookPath, secret: app.webhookSecret, accept }
}
