import type { Config } from '../config.ts'
import { knownError } from '../errors.ts'
import type { AppFacts, InstallationFacts } from '../github/app-facts.ts'
import { APP_EVENTS, APP_PERMISSIONS, type AppNeed } from '../github/app-manifest.ts'
import { githubFailure } from '../github/github-error.ts'
import type { AppLook } from './app-look.ts'
import type { Said } from './finding.ts'
import { whyNoAnswer } from './why-no-answer.ts'

const NO_APP =
  'Without an App no comment and no label starts a run, and what Backspace writes has no bot account.'
const CREATE =
  'Create one with one click: `npm start`, then open /setup. Or set APP_ID, PRIVATE_KEY and WEBHOOK_SECRET.'

/** Whether GitHub knows the App by its id and its key. */
export async function checkApp(
  { github, hostEnvironment }: Config,
  look: AppLook | undefined,
): Promise<Said> {
  const { app } = github
  if (!app || !look) return { state: 'not_set', fact: 'there is none', costs: NO_APP, next: CREATE }
  try {
    const { name, slug, owner } = await look.facts()
    const whose = owner === undefined ? '' : `, owned by ${owner}`
    const kept = app.stored ? ', kept in DATA_DIR' : ''
    return { state: 'ok', fact: `${name}${slug === name ? '' : ` (${slug})`}${whose}${kept}` }
  } catch (error) {
    return { state: 'broken', costs: NO_APP, ...whyAppRefused(error, app, hostEnvironment) }
  }
}

/** Why GitHub refused the App. If GitHub gave no answer, that says nothing about the credential. */
function whyAppRefused(
  error: unknown,
  { id, stored }: NonNullable<Config['github']['app']>,
  environment: Readonly<Record<string, string>>,
): Pick<Said, 'fact' | 'next'> {
  const unreachable = whyNoAnswer(error, environment)
  if (unreachable) return { ...unreachable, fact: `GitHub is ${unreachable.fact}` }
  const { status = 0, message = '' } = githubFailure(error) ?? {}
  if (status === 404)
    return {
      fact: `GitHub knows no App with the id ${id}`,
      next: stored
        ? 'If it was deleted on GitHub, stop Backspace, remove github-app.json from DATA_DIR, and start again: /setup makes another one.'
        : 'Set APP_ID to the id on the App’s settings page. On an Enterprise Server, set GHE_HOST as well.',
    }
  if (status === 401 && /'(exp|iat)'|expiration|issued at/i.test(message))
    return {
      fact: 'GitHub refuses the time in the App’s signature',
      next: 'The clock of this machine is wrong. Switch time synchronisation on: timedatectl set-ntp true.',
    }
  if (status === 401)
    return {
      fact: `the private key does not belong to the App ${id}`,
      next: 'Set APP_ID and PRIVATE_KEY of the same App, or make a new key on the App’s settings page.',
    }
  return { fact: 'GitHub does not accept it', next: knownError(error)?.userMessage }
}

const LEVELS = ['none', 'read', 'write', 'admin']
const rankOf = (level: string | undefined) => LEVELS.indexOf(level ?? 'none')

interface Missing extends AppNeed {
  /** `checks: write`, or the name of an event. */
  readonly what: string
}

/** What the manifest asks for and GitHub has not granted. */
function missingFrom({ permissions, events }: Pick<AppFacts, 'permissions' | 'events'>): readonly Missing[] {
  const rights = APP_PERMISSIONS.filter(({ name, level }) => rankOf(permissions[name]) < rankOf(level))
  const silent = APP_EVENTS.filter(({ name }) => !events.includes(name))
  return [
    ...rights.map((need) => ({ ...need, what: `permission ${need.name}: ${need.level}` })),
    ...silent.map((need) => ({ ...need, what: `event ${need.name}` })),
  ]
}

/** Whether the App asks for everything in the manifest, and every installation has granted it. */
export async function checkPermissions(look: AppLook | undefined): Promise<Said> {
  if (!look) return { state: 'not_set', fact: 'there is no App to ask' }
  const facts = await look.facts().catch(() => undefined)
  if (!facts) return { state: 'waiting', fact: 'known once GitHub knows the App' }
  const missing = missingFrom(facts)
  const link = { url: facts.permissionsUrl, text: 'Permissions & events of the App' }
  if (missing.length > 0)
    return {
      state: missing.some(({ needed }) => needed) ? 'broken' : 'ok',
      fact: `missing: ${missing.map(({ what }) => what).join(', ')}`,
      costs: costsOf(missing),
      next: 'Add them on the App’s settings page, then accept them in each installation.',
      link,
    }
  const behind = (await look.installations()).filter(
    (each) => !each.suspended && missingFrom(each).length > 0,
  )
  if (behind.length > 0) return notAccepted(behind)
  return {
    state: 'ok',
    fact: `${APP_PERMISSIONS.length} permissions and ${APP_EVENTS.length} events, all granted`,
  }
}

function notAccepted(behind: readonly InstallationFacts[]): Said {
  const missing = behind.flatMap(missingFrom)
  const [first] = behind
  const where = behind.map(
    (each) =>
      `${each.account} (${missingFrom(each)
        .map(({ what }) => what)
        .join(', ')})`,
  )
  return {
    state: missing.some(({ needed }) => needed) ? 'broken' : 'ok',
    fact: `not accepted by ${where.join('; ')}`,
    costs: costsOf(missing),
    next: 'An owner of the account accepts them on the page of the installation.',
    link: first && { url: first.settingsUrl, text: `Installation on ${first.account}` },
  }
}

function costsOf(missing: readonly Missing[]): string {
  const sentences = new Set(missing.map(({ without }) => without))
  return `Without that, ${[...sentences].join('; ')}.`
}
