import type { Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import { appManifest, manifestTarget } from '../github/app-manifest.ts'
import type { TokenKeeper } from '../github/token-keeper.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'
import type { Redact } from '../secrets/redact.ts'
import { storeApp } from '../settings/stored-app.ts'
import type { SetupDeps } from '../web/setup/setup-deps.ts'
import type { SetupDoor } from '../web/setup/setup-door.ts'
import { loadOnFirstUse } from './load-later.ts'

interface SetupWiring {
  readonly db: Database
  readonly door: SetupDoor
  readonly githubTokens: TokenKeeper
  readonly sandboxes: SandboxProvider
  readonly redact: Redact
  readonly listening: () => string | undefined
  /** Called once the App is stored. */
  readonly onStored: () => void
}

const ASK_MS = 10_000

/** Builds what the setup page needs. */
export function createSetup(config: Config, wiring: SetupWiring): SetupDeps {
  const { github, web, database, role, agents, models, sandbox } = config
  const { db, door, githubTokens: tokens, sandboxes, redact, listening, onStored } = wiring
  const dataDir = 'dataDir' in database ? database.dataDir : agents.dataDirectory
  const checklist = loadOnFirstUse(async () => {
    const [{ createChecklist }, { listParts }] = await Promise.all([
      import('../readiness/checklist.ts'),
      import('../readiness/parts.ts'),
    ])
    const database = async () => ({ is: 'open', db }) as const
    return createChecklist(listParts(config, { tokens, sandboxes, database }), { redact })
  })
  return {
    isNeeded: github.app === undefined && github.pat === undefined,
    hasApp: github.app !== undefined,
    door,
    readChecklist: async () => (await checklist()).read(),
    lookAtPaid: async () => (await checklist()).lookAtPaid(),
    async redeliver(attempt) {
      const [{ createAppInstallations }, { redeliver }] = await Promise.all([
        import('../github/app-installations.ts'),
        import('../github/webhook-deliveries.ts'),
      ])
      const { app, apiUrl } = github
      if (app)
        await redeliver(
          createAppInstallations({ app, apiUrl, tokens }).asApp(AbortSignal.timeout(ASK_MS)),
          attempt,
        )
    },
    priceOfLooks: () => describeLooks(models, sandbox.kind),
    webhookPath: github.webhookPath,
    configuredUrl: web.publicUrl,
    port: () => Number(new URL(listening() ?? `http://127.0.0.1:${web.port}`).port),
    // Workers on other machines would not see the file.
    canStore: role === 'all' && dataDir !== ':memory:',
    usualKeeping: 'url' in database ? 'shown' : 'stored',
    manifest({ name, webhookUrl, base, organization }) {
      const manifest = appManifest({
        name,
        // The address of a tunnel changes too soon to be the homepage.
        homepage: web.publicUrl ?? github.webUrl,
        webhookUrl,
        redirectUrl: `${base}/setup/github`,
        setupUrl: `${base}/setup`,
        callbackUrls: [...new Set([web.publicUrl ?? base, base])].map((url) => `${url}/auth/github/callback`),
      })
      return { json: JSON.stringify(manifest), target: manifestTarget(github.webUrl, organization) }
    },
    async convert(code) {
      const { convertManifest } = await import('../github/convert-manifest.ts')
      return convertManifest({ apiUrl: github.apiUrl, code })
    },
    store({ name: _name, installUrl: _installUrl, ...app }) {
      storeApp(dataDir, { ...app, webUrl: github.webUrl, createdAt: new Date().toISOString() })
      onStored()
    },
  }
}

async function describeLooks(models: Config['models'], kind: Config['sandbox']['kind']): Promise<string> {
  const { describeQuestions, isReachable, MOST_ASKED } = await import('../readiness/check-models.ts')
  const refs = models.chain.filter((ref) => ref.provider !== 'scripted' && isReachable(models, ref))
  const sandbox = kind === 'e2b' ? ' Starts an E2B sandbox for a few seconds.' : ''
  return `${refs.length === 0 ? '' : describeQuestions(models, refs, MOST_ASKED)}${sandbox}`.trim()
}

/**
 * Prints at the terminal where to set up the App and, if others can reach the service, the code for that page. The code
 * never goes into a log.
 */
export function announceSetup(
  { github, role, web }: Config,
  {
    door,
    url,
    say = () => {},
  }: { readonly door: SetupDoor; readonly url: string; readonly say: ((text: string) => void) | undefined },
): void {
  if (role === 'worker' || github.app || github.pat) return
  const where = `${url}/setup`
  if (web.reach.openToLocal) say(`\n  Backspace is not set up yet. Open ${where}\n`)
  else
    door.arm((code) => say(`\n  Backspace is not set up yet. Open ${where} and enter this code: ${code}\n`))
}
