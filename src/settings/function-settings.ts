import type { SandboxSettings, WebSettings } from './sections.ts'
import type { SettingsReader } from './settings-reader.ts'

/** How a function works on runs, if it does. */
export interface FunctionSettings {
  /** Workers at once on functions, each for one run. */
  readonly workers: number
  /** Who sends it may start a worker; undefined: no one may. */
  readonly secret: string | undefined
}

/** A header can carry it as it is. */
const SECRET = /^[!-~]{16,}$/

/** Everyone reaches a function through the host's proxy, which is the only one to connect to it. */
const HOST_PROXY = ['127.0.0.0/8', '::1', '10.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12']

/** @param settings.inFunction whether this process is a function: then what it cannot do is a problem. */
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

/** A function has the address of its host's proxy for every caller, so none of them is on this machine. */
export function reachOfFunction(web: WebSettings): WebSettings {
  const { reach } = web
  const trustedProxies = [...reach.trustedProxies, ...HOST_PROXY]
  return { ...web, reach: { ...reach, openToLocal: false, trustedProxies } }
}
