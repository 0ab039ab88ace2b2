import { sql } from 'kysely'
import type { Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import { counted } from '../text/amounts.ts'
import type { DatabaseLook } from './check-storage.ts'
import type { StoredDeliveries } from './check-webhooks.ts'
import type { Said } from './finding.ts'
import { whyNoAnswer } from './why-no-answer.ts'

const ASK_MS = 5_000

/** Whether people can reach the pages, as far as this machine can tell. */
export async function checkAddress({ web, hostEnvironment }: Config): Promise<Said> {
  const { publicUrl } = web
  if (publicUrl === undefined)
    return {
      state: 'not_set',
      fact: 'PUBLIC_URL is not set',
      costs:
        'Comments and pull requests do not link to the page of their run, and no one can sign in from elsewhere.',
      next: 'Set it to the address by which people reach this service.',
    }
  const { protocol } = new URL(publicUrl)
  const insecure = protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(new URL(publicUrl).hostname)
  const advice = insecure
    ? 'It is plain http: who sees the network reads sessions and webhooks. Put TLS in front.'
    : undefined
  try {
    const answer = await fetch(`${publicUrl}/healthz`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(ASK_MS),
    })
    const ours = answer.ok && /^\{"status":"ok"/.test((await answer.text()).slice(0, 100))
    if (ours) return { state: 'ok', fact: `${publicUrl} leads here`, next: advice }
    return {
      state: 'waiting',
      fact: `${publicUrl} answers with status ${answer.status}, and not as Backspace does`,
      costs: 'Links in comments may lead elsewhere.',
      next: 'Start Backspace, and check that the proxy passes on the whole path.',
    }
  } catch (error) {
    const { fact = 'out of reach', next } = whyNoAnswer(error, hostEnvironment) ?? {}
    return {
      state: 'waiting',
      fact: `${publicUrl} is ${fact}, seen from this machine`,
      costs: 'If people cannot reach it either, links in comments lead nowhere.',
      next,
    }
  }
}

/** Who is let in: to the pages, and to POST /code from elsewhere. */
export async function checkCallers({ web, github }: Config): Promise<Said> {
  const { apiTokens, operators, reach } = web
  const tokens = apiTokens.length === 0 ? [] : [`${counted(apiTokens.length, 'API token')} in API_TOKENS`]
  const people = github.oauth ? ['people sign in with GitHub'] : []
  const looksAfter = operators.length === 0 ? [] : [`operators: ${operators.join(', ')}`]
  const ways = [...people, ...looksAfter, ...tokens]
  if (ways.length > 0)
    return {
      state: 'ok',
      fact: ways.join('; '),
      next:
        github.oauth && operators.length === 0 && !reach.openToLocal
          ? 'Set OPERATORS to your GitHub login: operators see every run and this page.'
          : undefined,
    }
  return {
    state: 'not_set',
    fact: 'no one can sign in, and API_TOKENS is empty',
    costs: 'Unless `npm run token` made tokens, only this machine sees runs and calls `POST /code`.',
    next: '`npm run token -- create` makes tokens. GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET let people sign in.',
  }
}

/** Whether LangSmith accepts the key. */
export async function checkTracing({ tracing, hostEnvironment }: Config): Promise<Said> {
  if (!tracing)
    return { state: 'not_set', fact: 'LANGSMITH_API_KEY is not set', costs: 'Runs are not traced.' }
  const { project, endpoint, apiKey, privateRepositories: patterns } = tracing
  const next = patterns.includes('*/*')
    ? 'Private repositories are traced as well: their code and prompts go to LangSmith (LANGSMITH_TRACE_PRIVATE).'
    : `Private repositories are not traced${patterns.length === 0 ? '' : `, but for ${patterns.join(', ')}`} (LANGSMITH_TRACE_PRIVATE).`
  const costs = 'Runs work, and are not traced.'
  try {
    const headers = { 'x-api-key': apiKey }
    const { status } = await fetch(`${endpoint}/api/v1/sessions?limit=1`, {
      headers,
      signal: AbortSignal.timeout(ASK_MS),
    })
    if (status === 401 || status === 403)
      return {
        state: 'broken',
        fact: `LangSmith refuses the key (status ${status})`,
        costs,
        next: 'Check LANGSMITH_API_KEY and LANGSMITH_ENDPOINT.',
      }
    return { state: 'ok', fact: `project ${project}`, next }
  } catch (error) {
    const unreachable = whyNoAnswer(error, hostEnvironment)
    return { state: 'broken', fact: unreachable?.fact ?? 'out of reach', costs, next: unreachable?.next }
  }
}

/** How runs have gone so far. */
export async function checkRuns({ github }: Config, open: () => Promise<DatabaseLook>): Promise<Said> {
  const found = await open().catch(() => undefined)
  if (found?.is === 'in_use')
    return { state: 'ok', fact: 'the page /setup of the running Backspace shows it' }
  const counts =
    found?.is === 'open' ? await countRuns(found.db).catch(() => undefined) : { all: 0, succeeded: 0 }
  if (!counts) return { state: 'waiting', fact: 'known once the database answers' }
  const { all, succeeded } = counts
  if (succeeded > 0) return { state: 'ok', fact: `${counted(succeeded, 'run')} succeeded, of ${all}` }
  if (all === 0) return { state: 'waiting', fact: 'none yet', next: howToStart(github) }
  return {
    state: 'waiting',
    fact: `${counted(all, 'run')}, and none has succeeded yet`,
    next: 'The page of the run says why.',
  }
}

function howToStart({ app, pat }: Config['github']): string {
  if (app) return 'Comment on an issue where the App is installed: /backspace fix the failing test'
  return pat
    ? 'Send a request to POST /code; docs/api.md has examples. Comments need an App.'
    : 'Create the App, or set GITHUB_PAT: without one of them no run can start.'
}

async function countRuns({
  sql: tables,
}: Database): Promise<{ readonly all: number; readonly succeeded: number }> {
  const { all, succeeded } = await tables
    .selectFrom('runs')
    .select([
      sql<number>`count(*)::int`.as('all'),
      sql<number>`(count(*) filter (where status = 'succeeded'))::int`.as('succeeded'),
    ])
    .executeTakeFirstOrThrow()
  return { all, succeeded }
}

/** Looks deliveries up by their keys, since the table may be large. */
export function storedDeliveries(open: () => Promise<DatabaseLook>): StoredDeliveries {
  async function look(find: (tables: Database['sql']) => Promise<unknown>): Promise<boolean | undefined> {
    const found = await open().catch(() => undefined)
    if (found?.is === 'not_made') return false
    if (found?.is !== 'open') return undefined
    return find(found.db.sql).then(
      (row) => row !== undefined,
      () => undefined,
    )
  }
  return {
    has: (guid) =>
      look((tables) =>
        tables.selectFrom('deliveries').select('id').where('id', '=', guid).executeTakeFirst(),
      ),
    any: () =>
      look((tables) =>
        // Comments that Backspace found by asking were never delivered by GitHub.
        tables
          .selectFrom('deliveries')
          .select('id')
          .where('id', 'not like', 'missed-%')
          .limit(1)
          .executeTakeFirst(),
      ),
  }
}
