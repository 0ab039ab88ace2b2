import { expect } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import type { SetupDeps } from '../../../src/web/setup/setup-deps.ts'
import { createSetupDoor } from '../../../src/web/setup/setup-door.ts'
import { serveWeb } from '../serve-web.ts'

interface SetupOptions extends Partial<SetupDeps> {
  readonly hasApp?: boolean
  readonly openToLocal?: boolean
}

/** An operator's token. */
export const ALL = 'm4Xq8Lz2Tn7Rb5Wd9Kc3Vf6Hj1Gs0Py'

/** A service with an App, whose setup page others could reach. */
export async function serveSetup(
  db: Database,
  { hasApp = true, openToLocal = false, ...changes }: SetupOptions = {},
) {
  const door = createSetupDoor()
  const codes: string[] = []
  if (!hasApp) door.arm((code) => codes.push(code))
  const setup: SetupDeps = {
    isNeeded: !hasApp,
    hasApp,
    door,
    readChecklist: async () => [
      {
        id: 'app',
        name: 'GitHub App',
        group: 'GitHub',
        needed: true,
        paid: false,
        isLooking: true,
        finding: undefined,
      },
    ],
    lookAtPaid: async () => {},
    redeliver: () => expect.fail('nothing is to be delivered'),
    priceOfLooks: async () => '',
    webhookPath: '/api/github/webhooks',
    configuredUrl: undefined,
    port: () => 3000,
    canStore: true,
    usualKeeping: 'stored',
    manifest: () => ({ json: '{}', target: 'https://github.com/settings/apps/new' }),
    convert: () => Promise.reject(new Error('no one came back')),
    store: () => expect.fail('nothing is to be stored'),
    ...changes,
  }
  const web = await serveWeb(db, {
    setup,
    openToLocal,
    apiTokens: [{ name: 'all', token: ALL }],
  })
  const get = (path: string, token?: string) =>
    fetch(`${web.url}${path}`, {
      redirect: 'manual',
      headers: { accept: 'text/html', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    })
  return { web, get, codes, door }
}

/** What GitHub says about an App that was just created. */
export const CREATED: Awaited<ReturnType<SetupDeps['convert']>> = {
  id: 77,
  slug: 'backspace-acme',
  name: 'backspace-acme',
  owner: 'acme',
  ownerType: 'Organization',
  privateKey: 'the key',
  webhookSecret: 'the webhook secret',
  clientId: 'Iv23liAbCdEfGh',
  clientSecret: 'the client secret',
  installUrl: 'https://github.com/apps/backspace-acme/installations/new',
}
