import { z } from 'zod'
import { pause as pauseByClock, retry } from '../time/pause.ts'
import { fullName, type RepoRef } from './repo-ref.ts'

/** The content that a Git LFS pointer refers to. */
export interface LfsObject {
  /** SHA-256 of the content, hexadecimal. */
  readonly oid: string
  /** Size in bytes. */
  readonly size: number
}

export interface LfsRequest {
  readonly repository: RepoRef
  /** `https://github.com`, or the Enterprise Server's address. */
  readonly webUrl: string
  /** Token of an installation or a person, with permission to read or to write contents. */
  readonly token: string
  readonly signal: AbortSignal
  readonly pause?: typeof pauseByClock | undefined
}

const action = z.object({ href: z.string(), header: z.record(z.string(), z.string()).optional() })
/** Where to send a request for one object, with the headers that it needs. */
export type LfsAction = z.infer<typeof action>

const batch = z.object({
  hash_algo: z.literal('sha256').optional(),
  objects: z.array(
    z.object({
      oid: z.string(),
      actions: z
        .object({ upload: action.optional(), verify: action.optional(), download: action.optional() })
        .optional(),
      error: z.object({ code: z.number(), message: z.string().optional() }).optional(),
    }),
  ),
})
/** The server's answer about one object. */
export type LfsAnswer = z.infer<typeof batch>['objects'][number]

export const LFS_MEDIA_TYPE = 'application/vnd.git-lfs+json'
/** The most objects that GitHub accepts in one request. */
const MOST_AT_ONCE = 100
const WAITS_MS = [1_000, 5_000]
const REQUEST_MS = 120_000
const MOST_REDIRECTS = 3

/** Git LFS refused a request, or did not answer as documented; in that case `status` is 0. */
export class LfsRefusal extends Error {
  readonly status: number
  constructor(status: number) {
    super(`Git LFS answered ${status}`)
    this.status = status
  }
}

/** Why a request was refused, as the end of a sentence. */
export function whyRefused(error: unknown, operation: 'upload' | 'download'): string {
  const stores = operation === 'upload'
  switch (error instanceof LfsRefusal ? error.status : 0) {
    case 401:
    case 403:
      return `this credential may not ${stores ? 'store' : 'read'} files in Git LFS there`
    case 404:
      return stores
        ? 'the repository has no Git LFS, or this credential may not write to it'
        : 'Git LFS does not have it'
    case 410:
      return 'Git LFS no longer has it'
    case 413:
    case 422:
      return stores ? 'Git LFS does not accept such a file' : 'Git LFS does not send such a file'
    case 429:
      return 'Git LFS accepts no more requests for now'
    case 507:
    case 509:
      return 'the quota of Git LFS is used up'
    default:
      return 'Git LFS did not answer as it should'
  }
}

/**
 * Asks where to upload objects to, or to download them from.
 * https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
 *
 * @returns the answers by object id; some may be missing.
 * @throws {LfsRefusal} if the server refuses the whole request.
 */
export async function askLfsBatch(
  operation: 'upload' | 'download',
  objects: readonly LfsObject[],
  { repository, webUrl, token, ...rest }: LfsRequest,
): Promise<ReadonlyMap<string, LfsAnswer>> {
  const answers = new Map<string, LfsAnswer>()
  for (let first = 0; first < objects.length; first += MOST_AT_ONCE) {
    const response = await fetchPatiently(
      `${webUrl}/${fullName(repository)}.git/info/lfs/objects/batch`,
      {
        method: 'POST',
        headers: {
          accept: LFS_MEDIA_TYPE,
          'content-type': LFS_MEDIA_TYPE,
          authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
        },
        body: JSON.stringify({
          operation,
          transfers: ['basic'],
          hash_algo: 'sha256',
          objects: objects.slice(first, first + MOST_AT_ONCE).map(({ oid, size }) => ({ oid, size })),
        }),
      },
      rest,
    )
    const given = batch.safeParse(await response.json().catch(() => undefined))
    if (!given.success) throw new LfsRefusal(0)
    for (const answer of given.data.objects) answers.set(answer.oid, answer)
  }
  return answers
}

/**
 * Sends the request of an action. GitHub names the address, with credentials for it, so it must be one that others on
 * the way cannot read.
 *
 * @throws {LfsRefusal}
 */
export async function carryOutLfsAction(
  { href, header }: LfsAction,
  init: Pick<RequestInit, 'method' | 'headers' | 'body'>,
  request: Pick<LfsRequest, 'webUrl' | 'signal' | 'pause'>,
): Promise<Response> {
  const headers = new Headers(init.headers)
  for (const [name, value] of Object.entries(header ?? {})) headers.set(name, value)
  return fetchPatiently(safePlace(href, request.webUrl), { ...init, headers }, request)
}

function safePlace(href: string, webUrl: string): string {
  const url = URL.canParse(href) ? new URL(href) : undefined
  if (url?.protocol === 'https:' || url?.origin === new URL(webUrl).origin) return href
  throw new LfsRefusal(0)
}

function fetchPatiently(
  url: string,
  init: RequestInit,
  { signal, webUrl, pause = pauseByClock }: Pick<LfsRequest, 'signal' | 'pause'> & { webUrl?: string },
): Promise<Response> {
  const attempt = async () => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)])
    const response = await follow(url, { ...init, signal: within }, webUrl)
    if (response.ok) return response
    await response.body?.cancel()
    throw new LfsRefusal(response.status)
  }
  const mayPass = (error: unknown) =>
    !signal.aborted &&
    (!(error instanceof LfsRefusal) || error.status === 429 || (error.status >= 500 && error.status < 507))
  return retry(attempt, { waitsMs: WAITS_MS, mayPass, pause, signal })
}

/** Follows redirects, but only for requests that read. Credentials are sent to the first address alone. */
async function follow(url: string, init: RequestInit, webUrl: string | undefined): Promise<Response> {
  let place = url
  let { headers } = init
  for (let left = MOST_REDIRECTS; ; left--) {
    const response = await fetch(place, { ...init, ...(headers && { headers }), redirect: 'manual' })
    const to = response.headers.get('location')
    if (response.status < 300 || response.status >= 400) return response
    await response.body?.cancel()
    if (init.method !== 'GET' || webUrl === undefined || to === null || left === 0) throw new LfsRefusal(0)
    const next = new URL(to, place)
    if (next.origin !== new URL(place).origin) headers = {}
    place = safePlace(next.href, webUrl)
  }
}
