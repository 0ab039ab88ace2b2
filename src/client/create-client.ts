import { BackspaceApiError } from './api-error.ts'
import type {
  Accepted,
  Approval,
  Cancelling,
  CodeRequest,
  ProofRequest,
  Receipt,
  Run,
  RunInFull,
  RunList,
  Statistics,
  WireEvent,
} from './api-types.ts'
import { type ApiRequest, type ClientOptions, parseSent, sendPatiently } from './send-request.ts'
import { isLastEvent, streamEvents } from './stream-events.ts'

export type * from './api-types.ts'
export { BackspaceApiError, type ClientOptions, isLastEvent }

/** Options of every call: `signal` aborts it. */
interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

interface StartOptions extends CallOptions {
  /** For 24 hours, a repeat with the same key and body returns the same run. Default: a new key for each call. */
  readonly idempotencyKey?: string | undefined
}

interface FollowOptions extends CallOptions {
  /** Number of the last event that the caller has. Default 0, to get all events. */
  readonly after?: number | undefined
  /** Called every few seconds with the end of the running command's output; with '' when no command runs. */
  readonly onOutput?: ((text: string) => void) | undefined
}

/** Filters of `GET /runs` and `GET /stats` by name; the reference lists them. */
type RunFilters = Readonly<Record<string, string | number | undefined>>

/** A Backspace service. Calls throw `BackspaceApiError`, and retry requests that fail while the service is briefly away. */
export interface BackspaceClient {
  /** Starts a run. If the answer is lost, the retry does not start a second run. */
  start(request: CodeRequest, options?: StartOptions): Promise<Accepted>
  /** Verifies an open pull request as it is. */
  prove(request: ProofRequest, options?: StartOptions): Promise<Accepted>
  /** The events of a run, from `after` on, to its end; reconnects and resumes. Leave the loop to stop listening. */
  events(runId: string, options?: FollowOptions): AsyncGenerator<WireEvent, void, undefined>
  /** Starts a run and yields its events. */
  run(request: CodeRequest, options?: StartOptions): AsyncGenerator<WireEvent, void, undefined>
  get(runId: string, options?: CallOptions): Promise<RunInFull>
  /** One page of runs, newest first. */
  list(filters?: RunFilters, options?: CallOptions): Promise<RunList>
  /** All runs that match the filters, newest first. Fetches them page by page. */
  all(filters?: RunFilters, options?: CallOptions): AsyncGenerator<Run, void, undefined>
  /** Statistics of runs: outcomes, times and dollars. */
  stats(filters?: RunFilters, options?: CallOptions): Promise<Statistics>
  /** Stops a run. Fails with the code `conflict` if it has ended. */
  cancel(runId: string, options?: CallOptions): Promise<Cancelling>
  /** Sends a follow-up to a run that has not ended. If the answer is lost, the call fails although the follow-up may have arrived. */
  note(runId: string, text: string, options?: CallOptions): Promise<Accepted>
  /** Approves a plan, and returns the run that carries it out. Approving it again returns the same run. */
  approve(runId: string, approval?: Approval, options?: CallOptions): Promise<Accepted>
  /** What the run changed, as a unified diff. */
  diff(runId: string, options?: CallOptions): Promise<string>
  receipt(runId: string, options?: CallOptions): Promise<Receipt>
}

export function createClient(options: ClientOptions): BackspaceClient {
  const send = (request: ApiRequest) => sendPatiently(options, request)
  const ask = async <T>(request: ApiRequest): Promise<T> => {
    const { text, response } = await send(request)
    return parseSent(text, response) as T
  }
  const pathOf = (runId: string, rest = '') => `/runs/${encodeURIComponent(runId)}${rest}`

  function start(path: string, body: object, { signal, idempotencyKey = newKey() }: StartOptions = {}) {
    const headers = { 'idempotency-key': idempotencyKey }
    return ask<Accepted>({ method: 'POST', path, body, signal, headers })
  }

  const client: BackspaceClient = {
    start: (request, call) => start('/code', request, call),
    prove: (request, call) => start('/prove', request, call),
    events: (runId, call = {}) => streamEvents(options, { ...call, runId }),
    async *run(request, call = {}) {
      const { runId } = await client.start(request, call)
      yield* client.events(runId, { signal: call.signal })
    },
    get: (runId, { signal } = {}) => ask({ path: pathOf(runId), signal }),
    list: (filters = {}, { signal } = {}) => ask({ path: `/runs${queryOf(filters)}`, signal }),
    async *all(filters = {}, call = {}) {
      let before: string | undefined
      do {
        const page: RunList = await client.list({ ...filters, before: before ?? filters.before }, call)
        yield* page.runs
        before = page.next ?? undefined
      } while (before !== undefined)
    },
    stats: (filters = {}, { signal } = {}) => ask({ path: `/stats${queryOf(filters)}`, signal }),
    cancel: (runId, { signal } = {}) => ask({ method: 'POST', path: pathOf(runId, '/cancel'), signal }),
    note: (runId, text, { signal } = {}) =>
      ask({ method: 'POST', path: pathOf(runId, '/notes'), body: { text }, signal, repeatable: false }),
    approve: (runId, approval, { signal } = {}) =>
      ask({ method: 'POST', path: pathOf(runId, '/approve'), body: approval, signal }),
    diff: async (runId, { signal } = {}) =>
      (await send({ path: pathOf(runId, '/diff'), signal, headers: { accept: 'text/plain' } })).text,
    receipt: (runId, { signal } = {}) => ask({ path: pathOf(runId, '/receipt'), signal }),
  }
  return client
}

function queryOf(filters: RunFilters): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filters)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? '' : `?${query}`
}

/** A random key. `crypto.randomUUID` exists only on https pages. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return `client-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
