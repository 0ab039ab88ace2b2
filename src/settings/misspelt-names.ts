import { VARIABLES } from './variables.ts'

const KNOWN = Object.keys(VARIABLES)
/** Other software has no variables that begin or are called like these, so one that differs by a letter is meant for us. */
const OURS_ALONE =
  /^(ANTHROPIC|OPENAI|E2B|LANGSMITH)_(API_KEY|BASE_URL|API_URL|SANDBOX_URL|ENDPOINT)|^WEBHOOK_SECRET|^GITHUB_PAT|^GHE_/
/** Too short, so that other software has many names beside them. */
const TOO_SHORT = new Set(['APP_ID', 'HOST', 'PORT'])
/** Names of other software that differ from ours by a letter or two. */
const OTHERS = new Set([
  'API_TOKEN',
  'DATABASE_URI',
  'GH_HOST',
  'GITHUB_PATH',
  'OPENAI_API_KEYS',
  'PUBLIC_URI',
])
/** `OPENAI_API_KEY_2`, `DATA_DIRS`: what has several of a thing is other software. */
const ONE_OF_MANY = /^(S|_?\d+|_.+)$/
const ALIASES: Readonly<Record<string, string>> = {
  ANTHROPIC_KEY: 'ANTHROPIC_API_KEY',
  OPENAI_KEY: 'OPENAI_API_KEY',
  E2B_KEY: 'E2B_API_KEY',
  LANGSMITH_KEY: 'LANGSMITH_API_KEY',
}

/** Kubernetes gives every container such variables for each service, so also for one called backspace. */
const SERVICE_LINK =
  /^BACKSPACE(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\//

/**
 * A sentence for each variable that is meant for Backspace and that Backspace does not know. A setting that is silently
 * ignored may be the one that keeps something closed.
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
  const meant = KNOWN.includes(bare) ? bare : nearest(name, KNOWN)
  const cure =
    meant === undefined ? 'Remove it; docs/configuration.md lists all of them.' : `Did you mean ${meant}?`
  return `${name} is not a setting. ${cure}`
}

/** The setting that a name without our prefix is surely meant to be. */
function meantBy(name: string): string | undefined {
  const alias = ALIASES[name]
  if (alias !== undefined) return alias
  return KNOWN.find((known) => {
    if (TOO_SHORT.has(known) || Math.abs(known.length - name.length) > 2) return false
    if (name.startsWith(known) && ONE_OF_MANY.test(name.slice(known.length))) return false
    if (OURS_ALONE.test(known) || known.startsWith('BACKSPACE_'))
      return plain(name) === plain(known) || editDistance(name, known) <= (known.length < 14 ? 1 : 2)
    // LOGLEVEL is a name of other software.
    return plain(name) !== plain(known) && editDistance(name, known) === 1
  })
}

function nearest(name: string, candidates: readonly string[]): string | undefined {
  const allowed = Math.max(2, Math.floor(name.length / 4))
  const [best] = candidates
    .map((candidate) => ({ candidate, distance: editDistance(name.toUpperCase(), candidate) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance)
  return best?.candidate
}

const plain = (name: string) => name.toUpperCase().replace(/[_.-]/g, '')

/** Letters to add, remove, replace or swap with a neighbour. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped && row > 1 && column > 1 ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}
