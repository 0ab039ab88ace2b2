import type { Config } from '../config.ts'
import { knownError } from '../errors.ts'
import { createAppAccess } from '../github/app-access.ts'
import { askGitHub } from '../github/github-call.ts'
import { createGitHubClient } from '../github/github-client.ts'
import { createTokenKeeper } from '../github/token-keeper.ts'
import { isCompatible, type ModelRef } from '../models/model.ts'
import { priceTurn } from '../models/pricing.ts'
import { NO_USAGE, type ProviderName, type Usage } from '../models/transcript.ts'
import { findCgroups } from '../sandbox/local/cgroup/find-cgroups.ts'
import { probeLocalSandbox } from '../sandbox/local/probe-local-sandbox.ts'
import { GIB } from '../text/amounts.ts'
import { createLazySandboxProvider } from '../wiring/load-later.ts'

/** One part of the installation: what it is, and what its absence costs. */
export interface Finding {
  readonly name: string
  readonly status: 'ok' | 'missing' | 'broken'
  readonly fact: string
  readonly advice?: string | undefined
}

/** Looks at every part that can be configured, and asks GitHub whether the credentials work. */
export async function diagnose(config: Config): Promise<readonly Finding[]> {
  const [app, pat, sandbox, setupCache] = await Promise.all([
    checkApp(config),
    checkPat(config),
    checkSandbox(config),
    checkSetupCache(config),
  ])
  return [
    app,
    pat,
    ...checkModels(config),
    sandbox,
    setupCache,
    checkTracing(config),
    checkAccess(config),
    checkStore(config),
  ]
}

async function checkApp({ github }: Config): Promise<Finding> {
  const name = 'GitHub App'
  if (!github.app) {
    const advice =
      'Without it no comment and no label starts a run. Set APP_ID, PRIVATE_KEY and WEBHOOK_SECRET.'
    return { name, status: 'missing', fact: 'not configured', advice }
  }
  try {
    const { app, apiUrl } = github
    const tokens = createTokenKeeper({ apiUrl })
    const access = createAppAccess({ app, apiUrl, tokens, now: () => new Date() })
    const { slug } = await access.identity()
    return { name, status: 'ok', fact: `${slug}, webhooks at ${github.webhookPath}` }
  } catch (error) {
    return { name, status: 'broken', ...whyRefused(error) }
  }
}

async function checkPat({ github }: Config): Promise<Finding> {
  const name = 'GITHUB_PAT'
  if (!github.pat) {
    const advice = github.app
      ? 'POST /code then reaches only repositories where the App is installed.'
      : 'Without it and without an App nothing can be published.'
    return { name, status: 'missing', fact: 'not set', advice }
  }
  const { pat } = github
  const octokit = createGitHubClient({
    apiUrl: github.apiUrl,
    auth: { kind: 'token', token: async () => pat },
  })
  try {
    const { data, headers } = await askGitHub(
      'read whose GITHUB_PAT this is',
      octokit.rest.users.getAuthenticated(),
    )
    const scopes = headers['x-oauth-scopes']
    return { name, status: 'ok', fact: `${data.login}${scopes ? `, scopes: ${scopes}` : ''}` }
  } catch (error) {
    return { name, status: 'broken', ...whyRefused(error) }
  }
}

/** A GitHub that gave no answer says nothing about the credential. */
function whyRefused(error: unknown): Pick<Finding, 'fact' | 'advice'> {
  const known = knownError(error)
  if (known?.code === 'github_unavailable')
    return { fact: 'not checked: GitHub is out of reach', advice: known.userMessage }
  if (known?.code === 'github_rate_limited') return { fact: 'not checked', advice: known.userMessage }
  return {
    fact: 'GitHub does not accept it',
    advice: known?.userMessage ?? 'The service’s log has the details.',
  }
}

function checkModels({ models, limits }: Config): Finding[] {
  const usual = [
    {
      name: 'Claude',
      provider: 'anthropic',
      isSet: models.anthropic !== undefined,
      key: 'ANTHROPIC_API_KEY',
    },
    { name: 'OpenAI', provider: 'openai', isSet: models.openai !== undefined, key: 'OPENAI_API_KEY' },
  ] as const
  const idsOf = (wanted: ProviderName) =>
    models.chain.filter(({ provider }) => provider === wanted).map(({ id }) => id)
  const found = (name: string, provider: ProviderName): Finding => {
    const ids = idsOf(provider)
    const advice = adviseOnPrices(
      ids.filter((id) => priceOf(models, { provider, id }, ANY_USAGE) === undefined),
    )
    return { name, status: 'ok', fact: `${ids.join(', ')}; up to $${limits.usd} per run`, advice }
  }
  const others = [...new Set(models.chain.map(({ provider }) => provider))].filter(
    (provider) => provider !== 'anthropic' && provider !== 'openai' && provider !== 'scripted',
  )
  const none = !usual.some(({ isSet }) => isSet) && others.length === 0
  const ofUsual = usual.flatMap(({ name, provider, isSet, key }): Finding[] => {
    if (isSet && idsOf(provider).length > 0) return [found(name, provider)]
    if (isSet)
      return [{ name, status: 'missing', fact: 'key set, but BACKSPACE_MODELS names none of its models' }]
    if (others.length > 0 && idsOf(provider).length === 0) return []
    const advice = none
      ? 'Without a model Backspace only applies changes that people write out in the request, and reports what it finds.'
      : 'Without it a run has nothing to fall back to when the other provider is unavailable.'
    return [{ name, status: 'missing', fact: `${key} is not set`, advice }]
  })
  return [...ofUsual, ...others.map((provider) => found(NAMES[provider] ?? provider, provider))]
}

const ANY_USAGE: Usage = { ...NO_USAGE, output: 1 }

const NAMES: Readonly<Record<string, string>> = { bedrock: 'Bedrock', vertex: 'Vertex AI' }

/** By the operator's prices or the table. Some servers say themselves what they cost; `--models` asks them. */
export function priceOf(
  { prices }: Config['models'],
  { provider, id: model }: ModelRef,
  usage: Usage,
): number | undefined {
  return priceTurn({ provider, model, usage, prices: prices[`${provider}:${model}`] })
}

function adviseOnPrices(unknown: readonly string[]): string | undefined {
  if (unknown.length === 0) return undefined
  return `The price of ${unknown.join(', ')} is not known: limits in dollars do not hold for it, BACKSPACE_MAX_TOKENS does. BACKSPACE_PRICES can say it.`
}

async function checkSandbox({ sandbox, path, models }: Config): Promise<Finding> {
  const name = 'Sandbox'
  if (sandbox.kind === 'e2b') return { name, status: 'ok', fact: `E2B, template ${sandbox.e2b?.template}` }
  if (sandbox.kind === 'unconfined') {
    const real = models.chain.some(({ provider }) => provider !== 'scripted' && isReachable(models, provider))
    const advice = 'Code of every repository runs with the rights of this process. Only for code you trust.'
    return { name, status: real ? 'broken' : 'ok', fact: 'unconfined', advice }
  }
  const probe = await probeLocalSandbox({ path })
  if (probe.available) {
    const { fact, advice } = await describeLimits()
    return { name, status: 'ok', fact: `local, bubblewrap ${probe.version}; ${fact}`, advice }
  }
  return { name, status: 'broken', fact: 'none can be started', advice: probe.message.replaceAll('\n', ' ') }
}

/** Whether the configuration says how to reach a provider. */
function isReachable(models: Config['models'], provider: ProviderName): boolean {
  return isCompatible(provider)
    ? provider in models.compatible
    : provider !== 'scripted' && models[provider] !== undefined
}

/** Who holds the limits of local boxes, for a service that is started as this command was. */
async function describeLimits(): Promise<Pick<Finding, 'fact' | 'advice'>> {
  const found = await findCgroups()
  if ('why' in found) {
    const advice =
      `The kernel does not hold the limits of boxes, because ${found.why}. Set Delegate=yes in the systemd unit, ` +
      'or start the container with a writable /sys/fs/cgroup. A service that is started in another way than this command may differ.'
    return { fact: 'the memory of a box is measured once a second', advice }
  }
  const controllers = ['memory', found.pids && 'processes', found.cpu && 'processor'].filter(Boolean)
  return { fact: `each box has a cgroup (v${found.version}) with limits of ${controllers.join(', ')}` }
}

async function checkSetupCache(config: Config): Promise<Finding> {
  const name = 'Setup cache'
  const { kind, setupCache } = config.sandbox
  const { snapshots } = createLazySandboxProvider(config)
  if (!snapshots) {
    const fact = setupCache.entries === 0 ? 'BACKSPACE_SETUP_CACHE is 0' : `not with ${kind} sandboxes`
    return { name, status: 'missing', fact, advice: 'Every run installs the dependencies again.' }
  }
  try {
    const kept = await snapshots.list()
    const bytes = kept.reduce((sum, snapshot) => sum + (snapshot.bytes ?? 0), 0)
    const size = kind === 'e2b' ? 'at E2B' : `${(bytes / GIB).toFixed(1)} of ${setupCache.bytes / GIB} GiB`
    return { name, status: 'ok', fact: `${kept.length} of ${setupCache.entries} kept, ${size}` }
  } catch {
    return { name, status: 'missing', fact: 'not checked: E2B did not list its snapshots' }
  }
}

function checkTracing({ tracing }: Config): Finding {
  const name = 'LangSmith'
  if (!tracing)
    return { name, status: 'missing', fact: 'LANGSMITH_API_KEY is not set', advice: 'Runs are not traced.' }
  const { project, privateRepositories: patterns } = tracing
  const advice = patterns.includes('*/*')
    ? 'Private repositories are traced as well: their code and prompts go to LangSmith (LANGSMITH_TRACE_PRIVATE).'
    : `Private repositories are not traced${patterns.length === 0 ? '' : `, but for ${patterns.join(', ')}`} (LANGSMITH_TRACE_PRIVATE).`
  return { name, status: 'ok', fact: `project ${project}`, advice }
}

function checkAccess({ web }: Config): Finding {
  const name = 'POST /code'
  const count = web.apiTokens.length
  if (count > 0) return { name, status: 'ok', fact: `${count} API token${count > 1 ? 's' : ''}` }
  const advice =
    'Only this machine may call it and see runs. `npm run token` makes tokens for others, and lists those that are not in API_TOKENS.'
  return { name, status: 'missing', fact: 'no API tokens', advice }
}

function checkStore({ database }: Config): Finding {
  const name = 'Database'
  return 'url' in database
    ? { name, status: 'ok', fact: 'PostgreSQL' }
    : { name, status: 'ok', fact: 'PGlite in DATA_DIR, one process' }
}
