import { z } from 'zod'
import type { DeepReadonly } from './stream/wire-schema.ts'

/** The query and the answer of `GET /stats`. Types, `/openapi.json` and the tables of docs/api.md are derived from these schemas. */

export const statsQuery = z.object({
  days: z
    .enum(['1', '7', '30', '90'])
    .default('30')
    .describe('Number of days (UTC), today included. Default: 30.'),
  repository: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/)
    .optional()
    .describe('`owner/name`. Default: every repository that the caller may see.'),
})

const COUNT = z.int()
const DOLLARS = z.number()
const MS = z.number().nullable()

export const statsBody = z.object({
  from: z.string().meta({ format: 'date-time' }).describe('Start of the first day.'),
  to: z.string().meta({ format: 'date-time' }).describe('When the figures were read.'),
  repository: z
    .string()
    .nullable()
    .describe('`owner/name`; null if the figures cover every repository that the caller may see.'),
  repositoriesSeen: COUNT.nullable().describe(
    'How many repositories the figures cover; null if they cover every repository that has runs.',
  ),
  live: z
    .object({
      running: COUNT,
      queued: COUNT,
      longestWaitMs: MS,
      sandboxes: COUNT,
      cleanSandboxes: COUNT,
      slots: COUNT.nullable(),
    })
    .describe(
      'Figures of this moment. `slots`: how many runs the live workers can execute at once; null unless the figures cover every repository.',
    ),
  runs: z
    .object({
      ended: COUNT,
      succeeded: COUNT,
      failed: COUNT,
      cancelled: COUNT,
      successRate: z.number().nullable(),
    })
    .describe(
      'Runs that ended in these days. `successRate`: share of succeeded runs among those that succeeded or failed, 0 to 1.',
    ),
  timeToPullRequest: z
    .object({ runs: COUNT, medianMs: MS, p90Ms: MS })
    .describe(
      'Time from the request to the end of a run, for the newest runs that opened a pull request, 250 at most.',
    ),
  dollars: z
    .object({
      total: DOLLARS,
      runsOfUnknownCost: COUNT,
      perMergedPullRequest: DOLLARS.nullable(),
    })
    .describe(
      '`total` is a lower bound if `runsOfUnknownCost` is not 0. `perMergedPullRequest`: the total divided by the number of pull requests of these days that were merged and not reverted.',
    ),
  pullRequests: z
    .object({
      opened: COUNT,
      open: COUNT,
      mergedUntouched: COUNT,
      mergedAfterRework: COUNT,
      reverted: COUNT,
      closed: COUNT,
      unknown: COUNT,
    })
    .describe('What became of the pull requests that were opened in these days. Each counts once.'),
  providers: z
    .array(
      z.object({
        provider: z.string(),
        runs: COUNT,
        turns: COUNT,
        retries: COUNT,
        fallbacks: COUNT,
        usd: DOLLARS,
      }),
    )
    .describe('Use of each provider by runs that ended in the last 24 hours, the newest thousand at most.'),
  providersNow: z
    .array(
      z.object({ provider: z.string(), why: z.string(), until: z.string().meta({ format: 'date-time' }) }),
    )
    .nullable()
    .describe(
      'Providers that the answering process does not use at the moment because of a problem with the account; null if it executes no runs.',
    ),
  setupCache: z
    .object({ hits: COUNT, begun: COUNT, misses: COUNT })
    .describe('How often setup could use the setup cache, in runs with a cache.'),
  perDay: z
    .array(
      z.object({
        day: z.string(),
        succeeded: COUNT,
        failed: COUNT,
        cancelled: COUNT,
        usd: DOLLARS,
        runsOfUnknownCost: COUNT,
      }),
    )
    .describe('One entry for each day, oldest first, days without a run included.'),
  repositories: z
    .array(
      z.object({
        repository: z.string(),
        succeeded: COUNT,
        failed: COUNT,
        cancelled: COUNT,
        usd: DOLLARS,
        pullRequests: COUNT,
      }),
    )
    .describe('The repositories with the most runs, 20 at most.'),
})

export type StatsQuery = DeepReadonly<z.output<typeof statsQuery>>
export type StatsBody = DeepReadonly<z.infer<typeof statsBody>>
