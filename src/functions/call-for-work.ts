import { createHash, timingSafeEqual } from 'node:crypto'
import type { Config } from '../config.ts'
import { BackspaceError } from '../errors.ts'
import { retry } from '../time/pause.ts'

/** The address that starts a worker. A worker that must end calls it, and so does the host's scheduler. */
export const WORK_PATH = '/internal/work'

const TRY_MS = 15_000
const AGAIN_MS = [1_000, 1_000]

/**
 * Answers a call for a worker. Vercel's scheduler sends GET with the secret on its own.
 * See https://vercel.com/docs/cron-jobs/manage-cron-jobs
 *
 * @param begin begins a shift; returns false when enough workers are at work.
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
 * Asks for a worker in a new call, because the present one is about to end.
 *
 * @throws {BackspaceError} `unavailable` when the function does not answer. The next call of the scheduler, or the next
 * request to the service, finds the work that is left.
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
    // The secret must not be sent to any other address.
    redirect: 'error',
    signal: AbortSignal.timeout(TRY_MS),
  })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`${WORK_PATH} answered ${response.status}`)
}

/** Compares two secrets. Their digests have the same length, so the time it takes reveals nothing. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

function answer(status: number, body: object): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } })
}
