import { z } from 'zod'
import { pause as pauseByClock, retry } from '../time/pause.ts'
import { fullName, type RepoRef } from './repo-ref.ts'

/** A file in Git LFS: what its pointer names, and its content. */
export interface LargeObject {
  /** SHA-256 of the content, hexadecimal. */
  readonly oid: string
  readonly bytes: Uint8Array
}

interface LfsRequest {
  readonly repository: RepoRef
  /** `https://github.com`, or the Enterprise Server's address. */
  readonly webUrl: string
  /** Of an installation or a person; it must be allowed to write contents. */
  readonly token: string
  readonly signal: AbortSignal
  readonly pause?: typeof pauseByClock | undefined
}

const action = z.object({ href: z.string(), header: z.record(z.string(), z.string()).optional() })
const batch = z.object({
  objects: z.array(
    z.object({
      oid: z.string(),
      actions: z.object({ upload: action.optional(), verify: action.optional() }).optional(),
      error: z.object({ code: z.number(), message: z.string() }).optional(),
    }),
  ),
})

interface Actions {
  readonly upload?: z.infer<typeof action> | undefined
  readonly verify?: z.infer<typeof action> | undefined
}

const MEDIA_TYPE = 'application/vnd.git-lfs+json'
const WAITS_MS = [1_000, 5_000]
const REQUEST_MS = 120_000

/**
 * Stores objects where the repository keeps its files in Git LFS. One that is there already is not sent, so repeating it does no harm.
 * https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
 *
 * @returns why each object that could not be stored could not, as the end of a sentence.
 */
export async function storeLargeObjects(
  objects: readonly LargeObject[],
  request: LfsRequest,
): Promise<ReadonlyMap<string, string>> {
  const refused = new Map<string, string>()
  const wanted = new Map(objects.map((object) => [object.oid, object]))
  if (wanted.size === 0) return refused
  try {
    const { objects: answers } = await askBatch([...wanted.values()], request)
    const byId = new Map(answers.map((answer) => [answer.oid, answer]))
    for (const object of wanted.values()) {
      const answer = byId.get(object.oid)
      if (!answer || answer.error) refused.set(object.oid, why(answer?.error?.code ?? 0))
      else if (answer.actions?.upload) await send(object, answer.actions, request)
    }
  } catch (error) {
    request.signal.throwIfAborted()
    for (const oid of wanted.keys()) refused.set(oid, why(error instanceof LfsRefusal ? error.status : 0))
  }
  return refused
}

class LfsRefusal extends Error {
  readonly status: number
  constructor(status: number) {
    super(`Git LFS answered ${status}`)
    this.status = status
  }
}

function why(status: number): string {
  switch (status) {
    case 401:
    case 403:
      return 'this credential may not store files in Git LFS there'
    case 404:
      return 'the repository has no Git LFS, or this credential may not write to it'
    case 413:
    case 422:
      return 'Git LFS does not take a file like it'
    case 507:
    case 509:
      return 'the quota of Git LFS is used up'
    default:
      return 'Git LFS did not answer as it should'
  }
}

async function askBatch(
  objects: readonly LargeObject[],
  { repository, webUrl, token, ...rest }: LfsRequest,
): Promise<z.infer<typeof batch>> {
  const response = await patiently(
    `${webUrl}/${fullName(repository)}.git/info/lfs/objects/batch`,
    {
      method: 'POST',
      headers: {
        accept: MEDIA_TYPE,
        'content-type': MEDIA_TYPE,
        authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
      },
      body: JSON.stringify({
        operation: 'upload',
        transfers: ['basic'],
        hash_algo: 'sha256',
        objects: objects.map(({ oid, bytes }) => ({ oid, size: bytes.length })),
      }),
    },
    rest,
  )
  return batch.parse(await response.json())
}

async function send(
  { oid, bytes }: LargeObject,
  { upload, verify }: Actions,
  request: LfsRequest,
): Promise<void> {
  if (upload) {
    const headers = { 'content-type': 'application/octet-stream', ...upload.header }
    await patiently(
      placeOf(upload.href, request),
      { method: 'PUT', headers, body: Buffer.from(bytes) },
      request,
    )
  }
  if (verify) {
    const headers = { ...verify.header, accept: MEDIA_TYPE, 'content-type': MEDIA_TYPE }
    const body = JSON.stringify({ oid, size: bytes.length })
    await patiently(placeOf(verify.href, request), { method: 'POST', headers, body }, request)
  }
}

/** GitHub names the place, with credentials for it: never one that others on the way could read. */
function placeOf(href: string, { webUrl }: Pick<LfsRequest, 'webUrl'>): string {
  const url = new URL(href)
  if (url.protocol !== 'https:' && url.origin !== new URL(webUrl).origin) throw new LfsRefusal(0)
  return href
}

function patiently(
  url: string,
  init: RequestInit,
  { signal, pause = pauseByClock }: Pick<LfsRequest, 'signal' | 'pause'>,
): Promise<Response> {
  const attempt = async () => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)])
    const response = await fetch(url, { ...init, redirect: 'error', signal: within })
    if (response.ok) return response
    await response.body?.cancel()
    throw new LfsRefusal(response.status)
  }
  const mayPass = (error: unknown) =>
    !signal.aborted &&
    (!(error instanceof LfsRefusal) || error.status === 429 || (error.status >= 500 && error.status < 507))
  return retry(attempt, { waitsMs: WAITS_MS, mayPass, pause, signal })
}
