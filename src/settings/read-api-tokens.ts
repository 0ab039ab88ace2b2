import type { SettingsReader } from './settings-reader.ts'
import { weaknessOf } from './weakness-of.ts'

export interface ConfiguredToken {
  /** The requester's name in runs and logs; never secret. */
  readonly name: string
  readonly token: string
}

const HOW = 'Make one with `openssl rand -hex 32`.'

/** The tokens of API_TOKENS. Messages refer to a token by its name or its place in the list, never by its value. */
export function readApiTokens(reader: SettingsReader): readonly ConfiguredToken[] {
  const tokens = reader.list('API_TOKENS').map(parseToken)
  const seen = new Map<string, string>()
  for (const { name, token } of tokens) {
    const weakness = weaknessOf(token, { leastBytes: 16 })
    if (weakness !== undefined) reader.problem(`API_TOKENS: ${name} ${weakness}. ${HOW}`)
    if (!/^[\x21-\x7e]+$/.test(token))
      reader.problem(
        `API_TOKENS: ${name} has a space or a letter outside ASCII in it, which no request can send. ${HOW}`,
      )
    const twin = seen.get(token)
    if (twin !== undefined)
      reader.problem(`API_TOKENS: ${twin} and ${name} are the same token. Give each client its own. ${HOW}`)
    seen.set(token, name)
  }
  for (const name of new Set(tokens.map((token) => token.name))) {
    if (tokens.filter((token) => token.name === name).length > 1)
      reader.problem(
        `API_TOKENS: two tokens have the name ${name}, so the log cannot tell them apart. Rename one.`,
      )
  }
  if (tokens.some(({ token }) => token === reader.get('WEBHOOK_SECRET')))
    reader.problem(`API_TOKENS has the value of WEBHOOK_SECRET. Use a secret for one purpose only. ${HOW}`)
  return tokens
}

/** Reads `name=token`, or a token without a name, which may end in base64's `=`. */
function parseToken(item: string, index: number): ConfiguredToken {
  const named = /^([A-Za-z0-9_.-]{1,40})=([^=].*)$/.exec(item)
  return named?.[1] && named[2]
    ? { name: named[1], token: named[2] }
    : { name: `token-${index + 1}`, token: item }
}
