import type { Config } from '../config.ts'
import type { TokenKeeper } from '../github/token-keeper.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'
import { createAppLook } from './app-look.ts'
import { checkClock, checkPat } from './check-access.ts'
import { checkApp, checkPermissions } from './check-app.ts'
import { checkClaudeCode } from './check-claude-code.ts'
import { checkInstallations } from './check-installations.ts'
import { checkModel, isReachable, noModel } from './check-models.ts'
import { checkOtlp } from './check-otlp.ts'
import { checkSandbox, checkSetupCache } from './check-sandbox.ts'
import { checkAddress, checkCallers, checkRuns, checkTracing, storedDeliveries } from './check-service.ts'
import { checkDatabase, checkDataDirectory, type DatabaseLook } from './check-storage.ts'
import { checkWebhooks } from './check-webhooks.ts'
import type { CheckedPart, Said } from './finding.ts'

export interface PartsDeps {
  readonly tokens: TokenKeeper
  readonly sandboxes: SandboxProvider
  /** Opens the database once for all parts, or returns the one that is open. */
  readonly database: () => Promise<DatabaseLook>
}

const OF_THE_APP: readonly string[] = ['installations', 'permissions', 'webhooks']
const QUICK_MS = 20_000
const SLOW_MS = 90_000

/** Every line of the checklist, in order. The page and `npm run doctor` show the same ones. */
export function listParts(
  config: Config,
  { tokens, sandboxes, database }: PartsDeps,
): readonly CheckedPart[] {
  const { github, sandbox, agents } = config
  const look = createAppLook(config, tokens)
  const hasApp = github.app !== undefined
  const free = { needed: false, paid: false, limitMs: QUICK_MS } as const
  const ofGitHub = { ...free, group: 'GitHub' } as const
  const ofService = { ...free, group: 'This service' } as const
  const extra = { ...free, group: 'Extras' } as const
  const stored = storedDeliveries(database)
  const parts: readonly CheckedPart[] = [
    { ...ofGitHub, id: 'clock', name: 'Connection', needed: true, look: () => checkClock(config) },
    { ...ofGitHub, id: 'app', name: 'GitHub App', needed: !github.pat, look: () => checkApp(config, look) },
    {
      ...ofGitHub,
      id: 'installations',
      name: 'Installed on',
      needed: hasApp && !github.pat,
      look: () => checkInstallations(look),
    },
    { ...ofGitHub, id: 'permissions', name: 'Permissions', look: () => checkPermissions(look) },
    {
      ...ofGitHub,
      id: 'webhooks',
      name: 'Webhooks',
      look: () => checkWebhooks({ config, app: look, stored }),
    },
    { ...ofGitHub, id: 'pat', name: 'GITHUB_PAT', look: () => checkPat(config) },
    ...listModels(config),
    {
      ...free,
      id: 'sandbox',
      name: 'Sandbox',
      group: 'Sandbox',
      needed: true,
      paid: sandbox.kind === 'e2b',
      limitMs: SLOW_MS,
      look: (signal) => checkSandbox(config, sandboxes, signal),
    },
    {
      ...ofService,
      id: 'database',
      name: 'Database',
      needed: true,
      look: () => checkDatabase(config, database),
    },
    { ...ofService, id: 'data', name: 'DATA_DIR', needed: true, look: () => checkDataDirectory(config) },
    { ...ofService, id: 'address', name: 'PUBLIC_URL', look: () => checkAddress(config) },
    { ...ofService, id: 'callers', name: 'Who gets in', look: () => checkCallers(config) },
    { ...ofService, id: 'runs', name: 'First run', look: () => checkRuns(config, database) },
    { ...extra, id: 'setup-cache', name: 'Setup cache', look: () => checkSetupCache(config, sandboxes) },
    { ...extra, id: 'langsmith', name: 'LangSmith', look: () => checkTracing(config) },
    { ...extra, id: 'opentelemetry', name: 'OpenTelemetry', look: () => checkOtlp(config) },
    {
      ...extra,
      id: 'claude-code',
      name: 'Claude Code',
      needed: agents.usual === 'claude-code',
      paid: sandbox.kind === 'e2b' && agents.usual === 'claude-code',
      limitMs: SLOW_MS * 2,
      look: () => checkClaudeCode(config),
    },
  ]
  return parts.filter(({ id }) =>
    // Most services have an App, so with one, a missing token gets no line. Without an App, the parts that belong to it
    // get none.
    hasApp ? id !== 'pat' || github.pat !== undefined : !OF_THE_APP.includes(id),
  )
}

/** One line for each model of the chain whose provider is set, or a single line when there is none. */
function listModels({ models }: Config): readonly CheckedPart[] {
  const set = models.chain.filter((ref) => isReachable(models, ref))
  const line = { group: 'Models', needed: false, limitMs: SLOW_MS } as const
  const none = async (): Promise<Said> => noModel()
  if (set.length === 0) return [{ ...line, id: 'models', name: 'Model', paid: false, look: none }]
  return models.chain.map((ref) => {
    const name = `${ref.provider}:${ref.id}`
    const paid = ref.provider !== 'scripted' && isReachable(models, ref)
    return { ...line, id: `model-${name}`, name, paid, look: (signal) => checkModel(models, ref, signal) }
  })
}
