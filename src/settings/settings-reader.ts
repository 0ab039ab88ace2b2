import { z } from 'zod'
import { VARIABLES, type VariableName } from './variables.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads variables by name and collects every problem, so that a person sees all that is wrong at once instead of
 * one mistake per start.
 */
export interface SettingsReader {
  readonly problems: readonly string[]
  /** The trimmed value, else the default; empty counts as not set. */
  get(name: VariableName): string | undefined
  /** True when the environment has the variable, even if it is empty. */
  has(name: VariableName): boolean
  integer(name: VariableName, range: { readonly min: number; readonly max: number }): number
  positive(name: VariableName): number
  oneOf<const T extends string>(name: VariableName, values: readonly [T, ...T[]]): T
  url(name: VariableName): string | undefined
  /** @param options.emptyIsNone whether an empty value is a choice, rather than not set. */
  list(name: VariableName, options?: { readonly emptyIsNone: boolean }): string[]
  problem(text: string): void
}

/** Enough for any budget; more is a slip of the keyboard. */
const MOST = 1_000_000

export function createSettingsReader(env: Environment): SettingsReader {
  const problems: string[] = []
  const get = (name: VariableName) => env[name]?.trim() || VARIABLES[name].default
  return {
    problems,
    get,
    has: (name) => env[name] !== undefined,
    problem: (text) => void problems.push(text),
    integer(name, { min, max }) {
      const parsed = z.coerce.number().int().min(min).max(max).safeParse(get(name))
      if (parsed.success) return parsed.data
      problems.push(`${name} must be a whole number from ${min} to ${max}, not "${get(name)}".`)
      return min
    },
    positive(name) {
      const parsed = z.coerce.number().positive().max(MOST).safeParse(get(name))
      if (parsed.success) return parsed.data
      problems.push(`${name} must be a number above 0 and at most ${MOST}, not "${get(name)}".`)
      return 1
    },
    oneOf(name, values) {
      const known = values.find((value) => value === get(name))
      if (known) return known
      problems.push(`${name} must be one of ${values.join(', ')}, not "${get(name)}".`)
      return values[0]
    },
    url(name) {
      const value = get(name)
      if (!value) return undefined
      if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value.replace(/\/+$/, '')
      problems.push(`${name} must be an http or https address.`)
      return undefined
    },
    list: (name, { emptyIsNone } = { emptyIsNone: false }) =>
      ((emptyIsNone ? env[name] : undefined) ?? get(name) ?? '')
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
  }
}
