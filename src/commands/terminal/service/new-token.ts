import { BackspaceError } from '../../../errors.ts'
import { parseRepositoryPattern } from '../../../runs/repository-scope.ts'
import { type NewToken, RIGHTS } from '../../../web/access/token-store.ts'

/** The options that a person wrote after `npm run token -- create`. */
interface TokenOptions {
  readonly name?: string | undefined
  readonly repositories?: string | undefined
  readonly rights?: string | undefined
  readonly owner?: string | undefined
  readonly expires?: string | undefined
  readonly rate?: string | undefined
}

const DAY_MS = 24 * 3600_000
const DEFAULT_LIFE = '90d'

/**
 * Reads the token that these options describe.
 *
 * @param context.taken names in API_TOKENS, which a new token must not have.
 * @throws {BackspaceError} `bad_request`, which names the wrong option and says what it may be.
 */
export function readNewToken(
  options: TokenOptions,
  { taken, now }: { readonly taken: readonly string[]; readonly now: Date },
): NewToken {
  return {
    name: readName(options.name, taken),
    owner: readOwner(options.owner),
    repositories: readRepositories(options.repositories),
    rights: readRights(options.rights),
    runsPerHour: readRate(options.rate),
    expiresAt: readExpiry(options.expires ?? DEFAULT_LIFE, now),
  }
}

function readName(name: string | undefined, taken: readonly string[]): string {
  if (name === undefined || !/^[A-Za-z0-9_.-]{1,40}$/.test(name)) {
    throw wrong('--name must be 1 to 40 letters, digits, dots, dashes or underscores: --name ci')
  }
  const used = [...taken, 'local'].some((each) => each.toLowerCase() === name.toLowerCase())
  if (used)
    throw wrong(`--name ${name} is in use: API_TOKENS or Backspace itself has it. Choose another name.`)
  return name
}

function readOwner(owner: string | undefined): string | null {
  if (owner === undefined) return null
  if (/^[A-Za-z0-9][\w-]{0,38}$/.test(owner)) return owner
  throw wrong('--owner must be the login of a person on GitHub, without "@": --owner ada')
}

function readRepositories(text: string | undefined): string[] {
  const patterns = listOf(text ?? '').map(parseRepositoryPattern)
  const known = patterns.filter((pattern) => pattern !== undefined)
  if (known.length > 0 && known.length === patterns.length) return known
  throw wrong(
    '--repositories must be owner/name, owner/* or * for all, separated by commas: --repositories "acme/*"',
  )
}

function readRights(text: string | undefined): NewToken['rights'] {
  if (text === undefined) return ['start', 'read']
  const asked = listOf(text)
  const known = RIGHTS.filter((right) => asked.includes(right))
  if (known.length > 0 && known.length === new Set(asked).size) return known
  throw wrong(`--rights must be some of ${RIGHTS.join(', ')}, separated by commas: --rights read`)
}

function readRate(text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw wrong('--rate must be a number of runs per hour, 1 or more: --rate 20')
}

function readExpiry(text: string, now: Date): Date | null {
  if (text === 'never') return null
  const days = /^([1-9]\d{0,3})d$/.exec(text)?.[1]
  if (days !== undefined) return new Date(now.getTime() + Number(days) * DAY_MS)
  // The token works to the end of that day in every time zone.
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T23:59:59-12:00`) : undefined
  if (date && Number.isFinite(date.getTime()) && date > now) return date
  throw wrong('--expires must be a number of days (30d), a date to come (2027-01-31) or never')
}

function listOf(text: string): string[] {
  return text.split(',').map((item) => item.trim())
}

function wrong(message: string): BackspaceError {
  return new BackspaceError('bad_request', message)
}
