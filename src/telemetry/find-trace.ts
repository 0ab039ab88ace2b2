import { Client } from 'langsmith'
import { BackspaceError } from '../errors.ts'
import type { Run } from '../runs/run.ts'
import { withTimeout } from '../time/within.ts'

/** Finds the address of a run's trace. */
export type FindTrace = (run: Pick<Run, 'id' | 'createdAt'>) => Promise<string>

/** Short, because a person waits for the answer. */
const FIND_MS = 8_000

/**
 * Asks LangSmith for the address of a run's trace. Such addresses contain ids of the organization and the project that
 * only LangSmith knows.
 *
 * @returns a function that throws BackspaceError `not_found` when LangSmith has no such trace, or not yet, and
 * `unavailable` when LangSmith does not answer.
 */
export function createTraceFinder({
  apiKey,
  endpoint,
  project,
}: {
  readonly apiKey: string
  readonly endpoint: string
  readonly project: string
}): FindTrace {
  const client = new Client({
    apiUrl: endpoint,
    apiKey,
    timeout_ms: FIND_MS,
    callerOptions: { maxRetries: 0 },
    omitTracedRuntimeInfo: true,
    disablePromptCache: true,
  })
  const once = { maxRetries: 0, timeout: FIND_MS }
  let projectId: Promise<string> | undefined

  /** The id is kept, since a project never changes its id. */
  function findProject(): Promise<string> {
    projectId ??= client.readProject({ projectName: project }).then(
      ({ id }) => id,
      (error: unknown) => {
        projectId = undefined
        throw error
      },
    )
    return projectId
  }

  async function find({ id, createdAt }: Parameters<FindTrace>[0]): Promise<string | undefined> {
    const project_id = await findProject()
    const query = {
      project_ids: [project_id],
      is_root: true,
      filter: `and(eq(metadata_key, "run_id"), eq(metadata_value, "${id}"))`,
      min_start_time: createdAt.toISOString(),
      selects: ['ID' as const, 'TRACE_ID' as const],
    }
    // Each attempt has a trace of its own; the newest comes first.
    const page = await client.runs.query(query, once)
    const found = page.getPaginatedItems()[0]
    if (found?.id === undefined) return undefined
    const trace_id = found.trace_id ?? found.id
    const { url } = await client.runs.getURL(found.id, { project_id, trace_id }, once)
    return url !== undefined && /^https?:$/.test(URL.parse(url)?.protocol ?? '') ? url : undefined
  }

  return async (run) => {
    const away = () => new BackspaceError('unavailable', 'LangSmith does not answer. Try again in a minute.')
    const url = await withTimeout(
      find(run).catch((cause: unknown) => {
        throw new BackspaceError(
          'unavailable',
          'LangSmith did not say where the trace is. Try again in a minute.',
          {
            cause,
          },
        )
      }),
      {
        ms: FIND_MS,
        onTimeout: () => {
          throw away()
        },
      },
    )
    if (url !== undefined) return url
    throw new BackspaceError(
      'not_found',
      'LangSmith has no trace of this run. A trace appears there seconds after the run started, and is deleted for its age.',
    )
  }
}
