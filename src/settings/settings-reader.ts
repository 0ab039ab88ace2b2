import { type CompatibleVariable, isCompatibleVariable } from '../models/compatible/compatible-variables.ts'
import { findMisspeltNames } from './misspelt-names.ts'
import { VARIABLES, type VariableName } from './variables.ts'

/** A variable that Backspace defines, or one for a server that the operator named. */
export type AnyVariable = VariableName | CompatibleVariable

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads variables by name and collects every problem, so that a person sees all mistakes at once instead of one per
 * start.
 */
export interface SettingsReader {
  readonly problems: readonly string[]
  /** The value without surrounding spaces, or else the default. An empty value counts as not set. */
  get(name: AnyVariable): string | undefined
  /** True when the environment has the variable, even if it is empty. */
  has(name: AnyVariable): boolean
  /** The variables for servers of Chat Completions that are set. The operator chooses their names. */
  compatibleVariables(): readonly CompatibleVariable[]
  integer(name: VariableName, range: { readonly min: number; readonly max: number }): number
  positive(name: VariableName): number
  oneOf<const T extends string>(name: VariableName, values: readonly [T, ...T[]]): T
  /**
   * Reads an address and removes a trailing slash. Keys and code are sent to it, so plain http is allowed only on this
   * machine.
   *
   * @param options.forPeople whether people follow links to the address. Such an address may use plain http, but must
   * not contain a password.
   */
  url(name: AnyVariable, options?: { readonly forPeople: boolean }): string | undefined
  /** @param options.emptyIsNone whether an empty value means an empty list rather than not set. */
  list(name: VariableName, options?: { readonly emptyIsNone: boolean }): string[]
  problem(text: string): void
}

/** Enough for any budget; a larger number is a typing mistake. */
const MOST = 1_000_000

export function createSettingsReader(env: Environment): SettingsReader {
  const problems = [...findMisspeltNames(env), ...findMalformedValues(env)]
  const known: Readonly<Record<string, { readonly default: string | undefined }>> = VARIABLES
  const get = (name: AnyVariable) => env[name]?.trim() || known[name]?.default
  return {
    problems,
    get,
    has: (name) => env[name] !== undefined,
    compatibleVariables: () =>
      Object.keys(env)
        .filter(isCompatibleVariable)
        .filter((name) => env[name]?.trim()),
    problem: (text) => void problems.push(text),
    integer(name, { min, max }) {
      const value = get(name) ?? ''
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
      if (number >= min && number <= max) return number
      problems.push(`${name} must be a whole number from ${min} to ${max}, not ${shown(value)}.`)
      return min
    },
    positive(name) {
      const value = get(name) ?? ''
      const number = /^\d{0,15}(\.\d{1,15})?$/.test(value) ? Number(value) : Number.NaN
      if (number > 0 && number <= MOST) return number
      problems.push(`${name} must be a number above 0 and at most ${MOST}, not ${shown(value)}.`)
      return 1
    },
    oneOf(name, values) {
      const known = values.find((value) => value === get(name))
      if (known) return known
      problems.push(`${name} must be one of ${values.join(', ')}, not ${shown(get(name) ?? '')}.`)
      return values[0]
    },
    url(name, { forPeople } = { forPeople: false }) {
      const value = get(name)
      if (!value) return undefined
      const problem = urlProblem(value, forPeople)
      if (problem === undefined) return value.replace(/\/+$/, '')
      problems.push(`${name} ${problem}`)
      return undefined
    },
    list: (name, { emptyIsNone } = { emptyIsNone: false }) =>
      ((emptyIsNone ? env[name] : undefined) ?? get(name) ?? '')
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
  }
}

/** What is wrong with an address. The address itself is not repeated, since it may contain a password. */
function urlProblem(value: string, forPeople: boolean): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:\/\//i.test(value)) return 'must be an http or https address.'
  if (forPeople && (url.username || url.password))
    return 'has a user name or a password in it, and everyone would see it in links. Take it out.'
  if (url.search || url.hash)
    return 'must end with its path: paths are added to it, so it takes no ? and no #.'
  if (url.protocol === 'http:' && !forPeople && !isLoopback(url))
    return 'is plain http to another machine, so keys and code would cross the network in the clear. Use https.'
  return undefined
}

/** Whether an address is on this machine, whatever a resolver says. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}

/**
 * A value as messages show it. A secret in the wrong variable is longer than any right value, so long values are not
 * shown.
 */
function shown(value: string): string {
  return value.length <= 15 ? `"${value}"` : `a value of ${value.length} characters`
}

const QUOTE = '["\'`“”‘’]'
const QUOTED = new RegExp(`^${QUOTE}.*${QUOTE}$`, 's')
const HALF_QUOTED = new RegExp(`^${QUOTE}|${QUOTE}$`)
/** People choose these values themselves, so a quotation mark at one end may be part of the value. */
const CHOSEN_BY_PEOPLE = new Set(['WEBHOOK_SECRET', 'API_TOKENS'])
/**
 * Characters that get pasted along from a chat or a web page. An HTTP header with one is refused, or means another key.
 */
const INVISIBLE = /[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/

/**
 * Finds values that cannot be meant as they are, and describes each in a sentence. Line breaks at the end are trimmed
 * elsewhere.
 */
function findMalformedValues(env: Readonly<Record<string, string | undefined>>): string[] {
  const names = [...Object.keys(VARIABLES), ...Object.keys(env).filter(isCompatibleVariable)]
  return [...new Set(names)].flatMap((name) => {
    const value = env[name]?.trim() ?? ''
    const quoted = CHOSEN_BY_PEOPLE.has(name) ? QUOTED : HALF_QUOTED
    if (quoted.test(value))
      return [
        `${name} is in quotation marks. Remove them: outside of an .env file they become part of the value.`,
      ]
    if (name !== 'PRIVATE_KEY' && /\p{Cc}/u.test(value))
      return [`${name} has a line break or another control character in it. Set it again, on one line.`]
    if (INVISIBLE.test(value))
      return [`${name} has an invisible character in it. Type it again, or copy it from where it was made.`]
    return []
  })
}
