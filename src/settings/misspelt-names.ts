import { editDistance, nearestName } from '../text/nearest-name.ts'
import { VARIABLES } from './variables.ts'

const KNOWN = Object.keys(VARIABLES)
/** `BUDGET` and `BUDGET_USD` for `BACKSPACE_BUDGET_USD`. First words that two settings share stand for neither. */
const OURS_BY_FIRST_WORDS = firstWordsOf(KNOWN.filter((name) => name.startsWith('BACKSPACE_')))

function firstWordsOf(names: readonly string[]): ReadonlyMap<string, string> {
  const meant = new Map<string, string | undefined>()
  for (const name of names) {
    const words = name.split('_').slice(1)
    for (let length = 1; length < words.length; length++) {
      const first = words.slice(0, length).join('_')
      meant.set(first, meant.has(first) ? undefined : name)
    }
  }
  for (const name of names) meant.set(name.slice('BACKSPACE_'.length), name)
  return new Map([...meant].filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/**
 * No other software has variables that begin like these, so a name that differs by a letter must be meant for
 * Backspace.
 */
const OURS_ALONE =
  /^(ANTHROPIC|OPENAI|E2B|LANGSMITH)_(API_KEY|BASE_URL|API_URL|SANDBOX_URL|ENDPOINT)|^WEBHOOK_SECRET|^GITHUB_PAT|^GHE_/
/** Names that are so short that other software has many similar ones. */
const TOO_SHORT = new Set(['APP_ID', 'HOST', 'PORT'])
/** Similar names that belong to other software. */
const OTHERS = new Set([
  'ANTHROPIC_API_KEYS',
  'API_TOKEN',
  'DATABASE_URI',
  'DATABASE_URLS',
  'DATA_DIRS',
  'GH_HOST',
  'GITHUB_PATH',
  'MAX_TOKENS',
  'OPENAI_API_KEYS',
  'PUBLIC_URI',
])
/** As in `OPENAI_API_KEY_2`: software that has several of a thing is not Backspace. */
const ONE_OF_MANY = /^(S|_?\d+|_.+)$/
/** Without separators, a shorter name may belong to other software: `LOGLEVEL`, `DATADIR`, `APPID`. */
const LONG_ENOUGH = 9
/** The settings of the App, whose names come from Probot, and in `BEFORE_THE_APP` what people put in front of them. */
const OF_THE_APP = ['APP_ID', 'PRIVATE_KEY', 'PRIVATE_KEY_PATH', 'WEBHOOK_SECRET', 'WEBHOOK_PATH']
const BEFORE_THE_APP = ['GITHUB_APP_', 'GITHUB_', 'GH_APP_', 'GH_', 'PROBOT_', 'APP_']
const ALIASES: Readonly<Record<string, string>> = {
  ANTHROPIC_KEY: 'ANTHROPIC_API_KEY',
  OPENAI_KEY: 'OPENAI_API_KEY',
  E2B_KEY: 'E2B_API_KEY',
  LANGSMITH_KEY: 'LANGSMITH_API_KEY',
  GITHUB_APP_CLIENT_ID: 'GITHUB_CLIENT_ID',
  GITHUB_APP_CLIENT_SECRET: 'GITHUB_CLIENT_SECRET',
  GITHUB_OAUTH_CLIENT_ID: 'GITHUB_CLIENT_ID',
  GITHUB_OAUTH_CLIENT_SECRET: 'GITHUB_CLIENT_SECRET',
  PRIVATE_KEY_FILE: 'PRIVATE_KEY_PATH',
  PRIVATE_KEY_PEM: 'PRIVATE_KEY',
}

/** Kubernetes gives every container such variables for each service, and a service may be called backspace. */
const SERVICE_LINK =
  /^BACKSPACE(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\//

/**
 * Finds variables that are meant for Backspace but that it does not know, and describes each in a sentence. A setting
 * that is silently ignored may be the one that keeps something closed.
 */
export function findMisspeltNames(env: Readonly<Record<string, string | undefined>>): string[] {
  const isSet = (name: string) => (env[name] ?? '') !== ''
  return Object.entries(env)
    .filter(([name]) => !KNOWN.includes(name) && name.length <= 64)
    .flatMap(([name, value = '']) => {
      if (/^BACKSPACE_/i.test(name)) return isServiceLink(name, value) ? [] : [unknown(name)]
      const meant = value === '' || OTHERS.has(name) ? undefined : meantBy(name)
      return meant === undefined || isSet(meant) ? [] : [`${name} is not a setting. Did you mean ${meant}?`]
    })
}

function isServiceLink(name: string, value: string): boolean {
  return SERVICE_LINK.test(name) || (name.endsWith('_PORT') && SERVICE_ADDRESS.test(value))
}

function unknown(name: string): string {
  const bare = name.toUpperCase().slice('BACKSPACE_'.length)
  const meant = KNOWN.includes(bare) ? bare : (oursLike(bare) ?? nearestName(name.toUpperCase(), KNOWN))
  const cure =
    meant === undefined ? 'Remove it; docs/configuration.md lists all of them.' : `Did you mean ${meant}?`
  return `${name} is not a setting. ${cure}`
}

/** The setting with our prefix whose other words are spelt like `bare`; its last words may be missing, as in `BUGET`. */
function oursLike(bare: string): string | undefined {
  const meant = nearestName(bare, [...OURS_BY_FIRST_WORDS.keys()])
  return meant === undefined ? undefined : OURS_BY_FIRST_WORDS.get(meant)
}

/** The setting that a name without the prefix is almost certainly meant to be. */
function meantBy(name: string): string | undefined {
  const written = wordsOf(name).join('_')
  const ofTheApp = BEFORE_THE_APP.filter((prefix) => written.startsWith(prefix)).map((prefix) => {
    const rest = written.slice(prefix.length)
    return (
      ALIASES[rest] ?? OF_THE_APP.find((known) => hasSameWords(rest, known) || isOneSlipFrom(rest, known))
    )
  })
  return (
    ALIASES[written] ??
    KNOWN.find(
      (known) => hasSameWords(name, known) || written === `${known}_FILE` || isOneSlipFrom(name, known),
    ) ??
    ofTheApp.find((known) => known !== undefined) ??
    KNOWN.find((known) => lacksPrefix(name, known))
  )
}

/** Whether two names differ only in case, separators, plural, or the order of words. */
function hasSameWords(name: string, known: string): boolean {
  const [a, b] = [wordsOf(name).map(stemOf), wordsOf(known).map(stemOf)]
  if (b.length < 2) return false
  const joined = a.join('')
  return (
    a.toSorted().join() === b.toSorted().join() || (joined === b.join('') && joined.length >= LONG_ENOUGH)
  )
}

/**
 * Whether only the prefix is missing, as in `TRUST_PROXIES` for `BACKSPACE_TRUSTED_PROXIES`. A single word, such as
 * `ROLE`, could mean anything.
 */
function lacksPrefix(name: string, known: string): boolean {
  const [prefix, ...words] = known.split('_')
  return prefix === 'BACKSPACE' && words.length > 1 && hasSameWords(name, words.join('_'))
}

/** The words of a name, without case, `-`, `.`, `_`, and with `camelCase` split. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z][0-9]*)([A-Z])/g, '$1_$2')
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter(Boolean)
}

function stemOf(word: string): string {
  return word
    .replace(/IES$/, 'Y')
    .replace(/([^S])S$/, '$1')
    .replace(/(...)ED$/, '$1')
}

function isOneSlipFrom(name: string, known: string): boolean {
  if (TOO_SHORT.has(known) || Math.abs(known.length - name.length) > 2) return false
  if (name.startsWith(known) && ONE_OF_MANY.test(name.slice(known.length))) return false
  const distance = editDistance(name.toUpperCase(), known)
  const isOurs = OURS_ALONE.test(known) || known.startsWith('BACKSPACE_')
  if (isOurs) return distance <= (known.length < 14 ? 1 : 2)
  // LOGLEVEL is a name of other software.
  return distance === 1 && wordsOf(name).join('') !== wordsOf(known).join('')
}
