import type { Context, Hono } from 'hono'
import { BackspaceError } from '../errors.ts'
import type { Auth } from './access/auth.ts'
import { listOperations, type Operation } from './openapi/operations.ts'
import { createReferencePage } from './pages/reference-page.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/** Most bytes of an answer that the page shows. */
const MOST_BYTES = 64_000
/** Most milliseconds to read an answer, because the stream of a running run would not end. */
const LONGEST_MS = 3_000
/** Most characters of one value in the form. */
const LONGEST_VALUE = 500

interface ReferenceDeps extends Pick<WebDeps, 'publicUrl'> {
  readonly auth: Pick<Auth, 'identify'>
  /** The app itself, which answers a tried request as it answers any client. */
  readonly app: Pick<Hono<WebEnv>, 'request'>
}

/**
 * `GET /reference` shows the API to people, and `GET /reference/try` sends one of its GET requests as the reader and shows
 * the answer. The page holds nothing that `/openapi.json` does not, so it is open to all.
 */
export function createReference({ publicUrl, auth, app }: ReferenceDeps): {
  answerReference(c: Context<WebEnv>): Promise<Response>
  answerTry(c: Context<WebEnv>): Promise<Response>
} {
  let page: ReturnType<typeof createReferencePage> | undefined

  async function draw(c: Context<WebEnv>, tried?: Awaited<ReturnType<typeof send>>): Promise<Response> {
    page ??= createReferencePage()
    c.header('Cache-Control', 'no-store')
    return c.html(page({ publicUrl: publicUrl(), account: await accountFor(c), tried }))
  }

  /** Who is logged in with this browser; undefined for a stranger, who may read the page too. */
  async function accountFor(c: Context<WebEnv>): Promise<string | undefined> {
    if (c.req.header('cookie') === undefined) return undefined
    const caller = await auth.identify(c).catch(() => undefined)
    return caller?.login === undefined ? undefined : caller.name
  }

  async function send(c: Context<WebEnv>, operation: Operation) {
    const values = valuesOf(c, operation)
    const address = addressOf(operation, values)
    const type = operation.answers.find(({ type: found }) => found !== undefined)?.type ?? 'application/json'
    const headers = new Headers({ accept: type })
    for (const name of ['cookie', 'authorization', 'host']) {
      const value = c.req.header(name)
      if (value !== undefined) headers.set(name, value)
    }
    const answer = await app.request(address, { headers }, c.env)
    const { text, leftOut } = await readSome(answer)
    return {
      slug: operation.slug,
      values,
      request: `GET ${address}`,
      status: answer.status,
      type: answer.headers.get('content-type') ?? '',
      body: leftOut ? text : indented(text),
      leftOut,
    }
  }

  return {
    answerReference: (c) => draw(c),
    async answerTry(c) {
      const slug = c.req.query('request')
      const found = listOperations().find((each) => each.slug === slug && each.method === 'GET')
      if (!found) throw new BackspaceError('not_found', 'There is no such request to try. See /reference.')
      return draw(c, await send(c, found))
    },
  }
}

function valuesOf(c: Context<WebEnv>, { parameters }: Operation): Readonly<Record<string, string>> {
  return Object.fromEntries(
    parameters.flatMap(({ name }) => {
      const value = c.req.query(`in.${name}`)?.trim() ?? ''
      return value === '' ? [] : [[name, value.slice(0, LONGEST_VALUE)]]
    }),
  )
}

function addressOf({ path, parameters }: Operation, values: Readonly<Record<string, string>>): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? '-'))
  const query = new URLSearchParams()
  for (const { name, in: place } of parameters) {
    const value = values[name]
    if (place === 'query' && value !== undefined) query.set(name, value)
  }
  return query.size === 0 ? filled : `${filled}?${query}`
}

/** Reads as much of a body as arrives in time and fits the limit, and cancels the rest. */
async function readSome(answer: Response): Promise<{ readonly text: string; readonly leftOut: boolean }> {
  const reader = answer.body?.getReader()
  const chunks: Uint8Array[] = []
  let bytes = 0
  let late = false
  const timer = setTimeout(() => {
    late = true
    void reader?.cancel().catch(() => undefined)
  }, LONGEST_MS)
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done || !value) break
      chunks.push(value)
      bytes += value.length
      if (bytes > MOST_BYTES) break
    }
  } finally {
    clearTimeout(timer)
    void reader?.cancel().catch(() => undefined)
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, MOST_BYTES))
  return { text, leftOut: late || bytes > MOST_BYTES }
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
