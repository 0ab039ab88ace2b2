import type { NewToken } from '../../../src/web/access/token-store.ts'
import { aRequest } from '../../runs/start-runs.ts'
import type { ServedWeb } from '../serve-web.ts'

/** Makes a token that may start and read runs of acme's repositories, unless the test wants another one. */
export async function makeToken(web: ServedWeb, wanted: Partial<NewToken> = {}) {
  return web.tokens.create({
    name: 'ci',
    owner: null,
    repositories: ['acme/*'],
    rights: ['start', 'read'],
    runsPerHour: null,
    expiresAt: null,
    ...wanted,
  })
}

export interface Asked {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** Sends a request with a token. */
export function askWith(web: ServedWeb, token: string | undefined, path: string, asked: Asked = {}) {
  const { method = 'GET', body, headers } = asked
  return fetch(`${web.url}${path}`, {
    method,
    redirect: 'manual',
    body: body === undefined ? null : JSON.stringify(body),
    headers: {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  })
}

/** The message of a refusal. */
export async function refusalOf(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { error: { message: string } }
  return `${answer.status} ${error.message}`
}

export function onRepository(owner: string, name: string) {
  return { request: aRequest({ repository: { owner, name } }) }
}
