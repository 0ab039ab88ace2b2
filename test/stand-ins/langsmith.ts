import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A LangSmith that accepts batches, or is down, slow or refusing. */
export interface LangSmithStandIn {
  readonly url: string
  /** Runs as LangSmith would hold them: posts merged with later patches, in the order they came. */
  runs(): readonly TracedRun[]
  /** Everything that reached it, for the canary search. */
  received(): string
  fault: 'none' | 'refuse' | 'error' | 'hang'
  close(): Promise<void>
}

export interface TracedRun {
  readonly id: string
  readonly name: string
  readonly run_type: string
  readonly parent_run_id?: string
  readonly trace_id: string
  readonly start_time?: string
  readonly end_time?: string
  readonly inputs?: Record<string, unknown>
  readonly outputs?: Record<string, unknown>
  readonly error?: string
  readonly session_name?: string
  readonly extra?: { readonly metadata?: Record<string, unknown> }
}

export async function startLangSmith(options: { readonly apiKey: string }): Promise<LangSmithStandIn> {
  const runs = new Map<string, TracedRun>()
  const bodies: string[] = []
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      bodies.push(`${request.method} ${request.url}\n${body}`)
      if (standIn.fault === 'hang') return
      const answer = (status: number, value: unknown) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
      }
      if (standIn.fault === 'error') return answer(500, { detail: 'Internal Server Error' })
      const refused = standIn.fault === 'refuse' || request.headers['x-api-key'] !== options.apiKey
      if (refused) return answer(401, { detail: 'Invalid token' })
      // Without multipart the client posts plain JSON, which is what a test can read.
      if (request.url === '/info')
        return answer(200, { batch_ingest_config: { use_multipart_endpoint: false } })
      if (request.method === 'POST' && request.url === '/runs/batch') {
        merge(runs, JSON.parse(body))
        return answer(202, {})
      }
      const found = find(runs, { method: request.method, url: request.url ?? '', body })
      if (found !== undefined) return answer(200, found)
      answer(404, { detail: 'Not Found' })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const standIn: LangSmithStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    runs: () => [...runs.values()],
    received: () => bodies.join('\n'),
    fault: 'none',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return standIn
}

const PROJECT = '7f1a7f0e-0000-4000-8000-000000000001'

/** What a reader asks for: the project by its name, root runs by their metadata, and the page of a run. */
function find(
  runs: ReadonlyMap<string, TracedRun>,
  { method, url, body }: { readonly method: string | undefined; readonly url: string; readonly body: string },
): unknown {
  const { pathname, searchParams } = new URL(url, 'http://langsmith')
  const all = [...runs.values()]
  if (method === 'GET' && pathname === '/sessions') {
    const name = searchParams.get('name')
    return all.some((run) => run.session_name === name) ? [{ id: PROJECT, name }] : []
  }
  if (method === 'POST' && pathname === '/api/v2/runs/query') {
    const asked = JSON.parse(body) as { readonly project_ids: readonly string[]; readonly filter: string }
    const id = /^and\(eq\(metadata_key, "run_id"\), eq\(metadata_value, "([\w-]+)"\)\)$/.exec(
      asked.filter,
    )?.[1]
    const found = all.filter((run) => run.parent_run_id === undefined && run.extra?.metadata?.run_id === id)
    return asked.project_ids.includes(PROJECT)
      ? { items: found.map((run) => ({ id: run.id, trace_id: run.trace_id })) }
      : { items: [] }
  }
  const id = /^\/api\/v2\/runs\/([\w-]+)\/url$/.exec(pathname)?.[1]
  if (method === 'GET' && id !== undefined && runs.has(id) && searchParams.get('project_id') === PROJECT) {
    return { url: `https://smith.langchain.com/o/acme/projects/p/${PROJECT}/r/${id}` }
  }
  return undefined
}

function merge(
  runs: Map<string, TracedRun>,
  batch: { readonly post?: readonly TracedRun[]; readonly patch?: readonly TracedRun[] },
): void {
  for (const run of [...(batch.post ?? []), ...(batch.patch ?? [])]) {
    runs.set(run.id, { ...runs.get(run.id), ...run })
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
