import type { Context } from 'hono'
import { accountOf, noStore } from './answer-headers.ts'
import { answerRuns, type ListDeps, listRunViews } from './answer-runs.ts'
import { readStats, type StatsDeps } from './answer-stats.ts'
import { runListQuery } from './bodies.ts'
import { dashboardPage, type LiveRun } from './pages/dashboard-page.ts'
import { prefersHtml } from './read-request.ts'
import { visibleRepositories } from './visible-repositories.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

interface DashboardDeps extends ListDeps, StatsDeps, Pick<WebDeps, 'waiting'> {}

const MOST_LIVE = 12
const RECENT = 15
const DAYS = '30'

/** `GET /`: the dashboard. For programs, and for requests with a filter, the list of runs. */
export async function answerDashboard(c: Context<WebEnv>, deps: DashboardDeps): Promise<Response> {
  if (!prefersHtml(c) || Object.keys(c.req.query()).length > 0) return answerRuns(c, deps)
  const { caller } = c.var
  const { permits, pause, publicUrl, repositories } = deps
  permits.requireRight(caller, 'read')
  const refs = (await visibleRepositories(caller, { permits, repositories }))?.map(({ ref }) => ref)
  const live = await readLiveRuns(refs, deps)
  const stats = await readStats(caller, { days: DAYS, repository: undefined }, deps)
  // Runs that have not ended are shown above the list.
  const limit = String(RECENT + live.length)
  const { runs } = await listRunViews(caller, runListQuery.parse({ limit }), deps)
  noStore(c)
  return c.html(
    dashboardPage({
      live,
      stats,
      runs: runs.filter(({ finishedAt }) => finishedAt !== null).slice(0, RECENT),
      paused: (await pause())?.reason,
      publicUrl: publicUrl(),
      account: accountOf(caller),
    }),
  )
}

async function readLiveRuns(
  refs: readonly number[] | undefined,
  { runs, view, waiting }: DashboardDeps,
): Promise<readonly LiveRun[]> {
  const found: LiveRun[] = []
  for (const run of await runs.live({ refs, most: MOST_LIVE })) {
    const isQueued = run.status === 'queued'
    found.push({ run: await view(run), waiting: isQueued ? await waiting(run.id) : undefined })
  }
  return found
}
