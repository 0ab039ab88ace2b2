import type { CompatibleName } from '../transcript.ts'

/** Sent when no key is set: the SDK requires one, and servers that need none accept any. */
export const NO_KEY = 'no-key-is-set'

/** An environment variable for one of several servers of Chat Completions: `COMPATIBLE_GROQ_BASE_URL`. */
export type CompatibleVariable = `COMPATIBLE_${string}`

const COMPATIBLE = /^COMPATIBLE_(?:([A-Z][A-Z0-9]{0,31})_)?(?:BASE_URL|API_KEY)$/

export function isCompatibleVariable(name: string): name is CompatibleVariable {
  return COMPATIBLE.test(name)
}

/** The provider that a variable belongs to. */
export function providerOf(variable: CompatibleVariable): CompatibleName {
  const name = COMPATIBLE.exec(variable)?.[1]
  return name === undefined ? 'compatible' : `compatible-${name.toLowerCase()}`
}

/** The variables of one server. */
export function compatibleVariables(provider: CompatibleName): {
  readonly baseUrl: CompatibleVariable
  readonly apiKey: CompatibleVariable
} {
  const name = provider.slice('compatible-'.length).toUpperCase()
  const prefix = name === '' ? 'COMPATIBLE' : (`COMPATIBLE_${name}` as const)
  return {
    baseUrl: `${prefix}_BASE_URL` as CompatibleVariable,
    apiKey: `${prefix}_API_KEY` as CompatibleVariable,
  }
}
