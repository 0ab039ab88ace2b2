import type { Context } from 'hono'
import type { Permits } from './access/permits.ts'
import { accountOf, noStore } from './answer-headers.ts'
import { statsPage } from './pages/stats-page.ts'
import { readQuery } from './read-query.ts'
import { prefersHtml } from './read-request.ts'
import { type StatsBody, type StatsQuery, statsQuery } from './stats-body.ts'
import { visibleRepositories } from './visible-repositories.ts'
import type { WebDeps } from './web-deps.ts'
import type { Caller, WebEnv } from './web-env.ts'

export interface StatsDeps extends Pick<WebDeps, 'repositories' | 'statistics' | 'providersNow'> {
  readonly permits: Permits
}

/** `GET /stats`. */
export async function answerStats(c: Context<WebEnv>, deps: StatsDeps): Promise<Response> {
  const query = readQuery(c, statsQuery)
  const stats = await readStats(c.var.caller, query, deps)
  noStore(c)
  if (!prefersHtml(c)) return c.json(stats)
  return c.html(statsPage({ stats, query, account: accountOf(c.var.caller) }))
}

/** The figures of the repositories that the caller may see. A repository that they may not see looks like one without runs. */
export async function readStats(
  caller: Caller,
  { days, repository }: StatsQuery,
  { permits, repositories, statistics, providersNow }: StatsDeps,
): Promise<StatsBody> {
  permits.requireRight(caller, 'read')
  const visible = await visibleRepositories(caller, { permits, repositories })
  const named = repository === undefined ? visible : (visible ?? (await repositories())).filter(isNamed)
  const refs = named?.map(({ ref }) => ref)
  const {
    from,
    to,
    perDay,
    repositories: totals,
    ...figures
  } = await statistics({ refs, days: Number(days) })
  const blocked = providersNow?.()
  return {
    ...figures,
    providersNow: blocked?.map(({ until, ...one }) => ({ ...one, until: until.toISOString() })) ?? null,
    perDay: perDay.map(({ day, succeeded, failed, cancelled, usd, runsOfUnknownCost }) => {
      return { day, succeeded, failed, cancelled, usd, runsOfUnknownCost }
    }),
    repositories: totals.map((total) => {
      const { succeeded, failed, cancelled, usd, pullRequests } = total
      return { repository: total.repository, succeeded, failed, cancelled, usd, pullRequests }
    }),
    from: from.toISOString(),
    to: to.toISOString(),
    repository: repository ?? null,
    repositoriesSeen: refs?.length ?? null,
  }

  function isNamed({ owner, name }: { readonly owner: string; readonly name: string }): boolean {
    return `${owner}/${name}`.toLowerCase() === repository?.toLowerCase()
  }
}
