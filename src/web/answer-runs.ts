import type { Context } from 'hono'
import { searchWords } from '../runs/stats/run-facts.ts'
import type { RunFilter } from '../runs/store/list-runs.ts'
import { breathe } from '../time/breathe.ts'
import type { Permits } from './access/permits.ts'
import { accountOf, noStore } from './answer-headers.ts'
import { type RunListBody, type RunListQuery, runListQuery } from './bodies.ts'
import { runsPage } from './pages/runs-page.ts'
import { readQuery } from './read-query.ts'
import { prefersHtml } from './read-request.ts'
import type { RunReader, RunView } from './run-view.ts'
import { visibleRepositories } from './visible-repositories.ts'
import type { WebDeps } from './web-deps.ts'
import type { Caller, WebEnv } from './web-env.ts'

export interface ListDeps extends Pick<WebDeps, 'runs' | 'repositories' | 'pause' | 'publicUrl'> {
  readonly view: RunReader['view']
  readonly permits: Permits
}

/** `GET /runs`. */
export async function answerRuns(c: Context<WebEnv>, deps: ListDeps): Promise<Response> {
  const query = readQuery(c, runListQuery)
  const found = await listRunViews(c.var.caller, query, deps)
  noStore(c)
  if (!prefersHtml(c)) {
    c.header('Content-Type', 'application/json')
    return c.body(await listJson(found))
  }
  const { pause, publicUrl } = deps
  return c.html(
    runsPage({
      ...found,
      query,
      paused: (await pause())?.reason,
      publicUrl: publicUrl(),
      account: accountOf(c.var.caller),
    }),
  )
}

/** The runs that the caller may see, with secrets masked. */
export async function listRunViews(
  caller: Caller,
  { limit, before, repository, text, ...others }: RunListQuery,
  { runs, view, permits, repositories }: ListDeps,
): Promise<RunListBody> {
  permits.requireRight(caller, 'read')
  const visible = await visibleRepositories(caller, { permits, repositories })
  const [owner = '', name = ''] = repository?.split('/') ?? []
  const filter: RunFilter = {
    ...others,
    text,
    repository: repository === undefined ? undefined : { owner, name },
  }
  const refs = visible?.map(({ ref }) => ref)
  const list: ListPage = (page) => runs.list({ ...page, refs, filter })
  if (text !== undefined) return findShown({ text, limit, before }, { list, view })
  const { runs: found, next, searchedTo } = await list({ limit, before })
  const shown: RunView[] = []
  for (const run of found) shown.push(await view(run))
  return { runs: shown, next, searchedTo: searchedTo?.toISOString() ?? null }
}

type ListPage = (page: { limit: number; before: string | undefined }) => ReturnType<WebDeps['runs']['list']>

/** Hits that are checked together, and how many such batches one page may take. */
const HITS = 50
const MOST_LOOKS = 20

/**
 * A search must not find masked text, or it would reveal a secret letter by letter. The cursor must not reveal such hits
 * either, so they are skipped.
 */
async function findShown(
  { text, limit, before }: { text: string; limit: number; before: string | undefined },
  { list, view }: Pick<ListDeps, 'view'> & { readonly list: ListPage },
): Promise<RunListBody> {
  const shown: RunView[] = []
  let from = before
  for (let looks = 1; ; looks++) {
    const { runs, next, searchedTo } = await list({ limit: Math.max(HITS, limit + 1), before: from })
    for (const run of runs) {
      const seen = await view(run)
      if (!isFound(text, seen)) continue
      if (shown.length === limit) return { runs: shown, next: shown.at(-1)?.id ?? null, searchedTo: null }
      shown.push(seen)
    }
    const reached = searchedTo ?? (looks === MOST_LOOKS ? (runs.at(-1)?.createdAt ?? null) : null)
    if (next === null || reached !== null) {
      return { runs: shown, next, searchedTo: next === null ? null : (reached?.toISOString() ?? null) }
    }
    from = next
  }
}

function isFound(text: string, { prompt, thread }: RunView): boolean {
  return searchWords(`${prompt}\n${thread?.title ?? ''}`).includes(searchWords(text))
}

/** A page may hold megabytes of prompts, so runs become JSON one at a time, and other requests are served in between. */
async function listJson({ runs, ...rest }: RunListBody): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Buffer[] = []
  for (const run of runs) {
    parts.push(Buffer.from(`${parts.length === 0 ? '' : ','}${JSON.stringify(run)}`))
    await breathe()
  }
  const end = JSON.stringify(rest).slice(1)
  return Buffer.concat([Buffer.from('{"runs":['), ...parts, Buffer.from(`],${end}`)])
}
