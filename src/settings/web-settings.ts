import type { SettingsReader } from './settings-reader.ts'

export interface WebSettings {
  readonly host: string
  readonly port: number
  /** Without a trailing slash; undefined: made from the address that the server really listens on. */
  readonly publicUrl: string | undefined
  readonly apiTokens: readonly ApiToken[]
}

export interface ApiToken {
  /** For the run's requester and the logs; never secret. */
  readonly name: string
  readonly token: string
}

export function readWebSettings(reader: SettingsReader): WebSettings {
  const apiTokens = reader.list('API_TOKENS').map((item, index) => parseToken(item, index))
  if (apiTokens.some(({ token }) => token.length < 16)) {
    reader.problem('API_TOKENS has a token of under 16 characters. Make one with `openssl rand -hex 32`.')
  }
  return {
    host: reader.get('HOST') ?? '127.0.0.1',
    port: reader.integer('PORT', { min: 0, max: 65_535 }),
    publicUrl: reader.url('PUBLIC_URL'),
    apiTokens,
  }
}

/** `name=token`, or a bare token (which may end in base64's `=`). */
function parseToken(item: string, index: number): ApiToken {
  const named = /^([A-Za-z0-9_.-]{1,40})=([^=].*)$/.exec(item)
  return named?.[1] && named[2]
    ? { name: named[1], token: named[2] }
    : { name: `token-${index + 1}`, token: item }
}
