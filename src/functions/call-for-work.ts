import { createHash, timingSafeEqual } from 'node:crypto'
import type { Config } from '../config.ts'
import { BackspaceError } from '../errors.ts'
import { retry } from '../time/pause.ts'

/** Where a worker is asked for: by its predecessor, and by the host's clock. */
export const WORK_PATH = '/internal/work'

const TRY_MS = 15_000
const AGAIN_MS = [1_000, 1_000]

/**
 * Answers a call for a worker. Vercel's clock sends GET with the secret by itself.
 * See https://vercel.com/docs/cron-jobs/manage-cron-jobs
 *
 * @param begin begins a shift; false when enough are at work.
 */
export async function answerWorkCall(
  request: Request,
  { secret }: Config['functions'],
  begin: () => Promise<boolean>,
): Promise<Response> {
  const given = request.headers.get('authorization') ?? ''
  if (secret === undefined || !isSame(given, `Bearer ${secret}`))
    return answer(401, { error: { code: 'unauthorized', message: 'Send CRON_SECRET as a bearer token.' } })
  if (request.method !== 'GET' && request.method !== 'POST')
    return answer(405, { error: { code: 'bad_request', message: 'Send GET or POST.' } })
  return answer(202, { status: (await begin()) ? 'begun' : 'enough_at_work' })
}

/**
 * Asks for a worker in a call of its own: the present one is about to end.
 *
 * @throws {BackspaceError} `unavailable` when the function does not answer; the next call of the clock, or the next request
 * to the service, finds what is left.
 */
export async function callForWork({ web, functions }: Pick<Config, 'web' | 'functions'>): Promise<void> {
  try {
    await retry(() => callOnce({ web, functions }), { waitsMs: AGAIN_MS })
  } catch (cause) {
    throw new BackspaceError(
      'unavailable',
      `The function could not call its successor at PUBLIC_URL. Check that PUBLIC_URL is the address of this deployment and that nothing in front of it asks for a login.`,
      { cause },
    )
  }
}

async function callOnce({ web, functions }: Pick<Config, 'web' | 'functions'>): Promise<void> {
  const response = await fetch(`${web.publicUrl}${WORK_PATH}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${functions.secret}` },
    // The secret is for this address alone.
    redirect: 'error',
    signal: AbortSignal.timeout(TRY_MS),
  })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`${WORK_PATH} answered ${response.status}`)
}

/** Digests are of one length, so the time says nothing about the secret. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

function answer(status: number, body: object): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } })
}
