import type { SandboxSettings, WebSettings } from './sections.ts'
import type { SettingsReader } from './settings-reader.ts'

/** How a function executes runs, if it does. */
export interface FunctionSettings {
  /** How many workers may be at work on functions at once, each with one run. */
  readonly workers: number
  /** A caller with this secret may start a worker; undefined if no one may. */
  readonly secret: string | undefined
}

/** A secret that an HTTP header can carry unchanged. */
const SECRET = /^[!-~]{16,}$/

/** Addresses of the host's proxy. Everyone reaches a function through it, and nothing else can connect. */
const HOST_PROXY = ['127.0.0.0/8', '::1', '10.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12']

/**
 * @param settings.inFunction whether this process is a function. If so, a setting that a function cannot fulfil is a
 * problem.
 */
export function readFunctionSettings(
  reader: SettingsReader,
  {
    inFunction,
    isGitHubCom,
    web,
    sandbox,
  }: {
    readonly inFunction: boolean
    readonly isGitHubCom: boolean
    readonly web: WebSettings
    readonly sandbox: SandboxSettings
  },
): FunctionSettings {
  const workers = reader.integer('BACKSPACE_FUNCTION_WORKERS', { min: 0, max: 100 })
  const secret = reader.get('CRON_SECRET')
  if (secret !== undefined && !SECRET.test(secret))
    reader.problem(
      'CRON_SECRET must have 16 characters or more, without spaces. Make one: openssl rand -hex 24',
    )
  if (!inFunction) return { workers, secret }
  if (!reader.get('DATABASE_URL'))
    reader.problem('A function keeps no files. Set DATABASE_URL to a PostgreSQL that it can reach.')
  if (reader.get('BACKSPACE_TRUST_LOCAL_CALLERS') === 'yes')
    reader.problem(
      'BACKSPACE_TRUST_LOCAL_CALLERS is yes, but every caller of a function looks local. Take it out.',
    )
  if (workers > 0) {
    if (secret === undefined)
      reader.problem('BACKSPACE_FUNCTION_WORKERS needs CRON_SECRET. Make one: openssl rand -hex 24')
    if (web.publicUrl === undefined)
      reader.problem('BACKSPACE_FUNCTION_WORKERS needs PUBLIC_URL: a function calls its successor there.')
    if (sandbox.kind !== 'e2b')
      reader.problem('BACKSPACE_FUNCTION_WORKERS needs E2B_API_KEY: a function cannot hold a sandbox.')
    else if (sandbox.transport === 'upload' || (sandbox.transport === 'auto' && !isGitHubCom))
      reader.problem(
        'BACKSPACE_FUNCTION_WORKERS needs sandboxes that reach GitHub: a function has no git to fetch with. Set BACKSPACE_TRANSPORT to clone.',
      )
  }
  return { workers, secret }
}

/**
 * Adapts who can reach the service: a function sees the address of its host's proxy for every caller, so no caller
 * counts as being on this machine.
 */
export function reachOfFunction(web: WebSettings): WebSettings {
  const { reach } = web
  const trustedProxies = [...reach.trustedProxies, ...HOST_PROXY]
  return { ...web, reach: { ...reach, openToLocal: false, trustedProxies } }
}
