import { z } from 'zod'
import type { DeepReadonly } from './stream/wire-schema.ts'

/** `GET /stats`: its query and its answer. Types, `/openapi.json` and the tables of docs/api.md are derived from these schemas. */

export const statsQuery = z.object({
  days: z.enum(['1', '7', '30', '90']).default('30').describe('Days (UTC) that end with today. Default: 30.'),
  repository: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/)
    .optional()
    .describe('`owner/name`; all that the caller may see if left out.'),
})

const COUNT = z.int()
const DOLLARS = z.number()
const MS = z.number().nullable()

export const statsBody = z.object({
  from: z.string().meta({ format: 'date-time' }).describe('Start of the first day.'),
  to: z.string().meta({ format: 'date-time' }).describe('When the figures were read.'),
  repository: z.string().nullable().describe('`owner/name`; null for all that the caller may see.'),
  repositoriesSeen: COUNT.nullable().describe(
    'How many repositories the figures are of; null for all that runs were asked for.',
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
      'At this moment. `slots`: runs that the living workers can execute at once; null unless the figures are of all repositories.',
    ),
  runs: z
    .object({
      ended: COUNT,
      succeeded: COUNT,
      failed: COUNT,
      cancelled: COUNT,
      successRate: z.number().nullable(),
    })
    .describe('Runs that ended in these days. `successRate`: succeeded of succeeded and failed, 0 to 1.'),
  timeToPullRequest: z
    .object({ runs: COUNT, medianMs: MS, p90Ms: MS })
    .describe('From the request to the end, of the newest runs with a pull request, 250 at most.'),
  dollars: z
    .object({
      total: DOLLARS,
      runsOfUnknownCost: COUNT,
      perMergedPullRequest: DOLLARS.nullable(),
    })
    .describe(
      '`total` is a lower bound if `runsOfUnknownCost` is not 0. `perMergedPullRequest`: the total, divided by the pull requests of these days that are merged and not reverted.',
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
    .describe('Of runs that ended in the last 24 hours, the newest thousand at most.'),
  providersNow: z
    .array(
      z.object({ provider: z.string(), why: z.string(), until: z.string().meta({ format: 'date-time' }) }),
    )
    .nullable()
    .describe(
      'Providers that the process that answers leaves out now, because of their account; null where it executes no runs.',
    ),
  setupCache: z
    .object({ hits: COUNT, begun: COUNT, misses: COUNT })
    .describe('What setup found of earlier runs, where it keeps anything.'),
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
    .describe('Oldest first; days without a run, too.'),
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
    .describe('Those with the most runs, 20 at most.'),
})

export type StatsQuery = DeepReadonly<z.output<typeof statsQuery>>
export type StatsBody = DeepReadonly<z.infer<typeof statsBody>>
