import { sql, type Transaction } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import { BackspaceError } from '../../errors.ts'
import { costText, counted } from '../../text/amounts.ts'
import { type AdmissionLimits, startOfDay } from './admission-limits.ts'
import { isWaiting, usage } from './turns.ts'

/** The limit that a request exceeds. It is `facts.limit` of the error and the label of the metric. */
export type RefusalLimit = 'requests_per_hour' | 'queued' | 'repository_usd' | 'installation_usd'

export interface AskedFor {
  readonly requester: string
  /** `owner/name` in lower case. */
  readonly repository: string
  readonly account: string
  /** The hourly limit of the requester's API token, which replaces the limit that applies to every requester. */
  readonly requestsPerHour?: number | undefined
}

const HOUR_S = 60 * 60
const DAY_S = 24 * HOUR_S
/** When there will be room depends on other runs and cannot be known, so the caller is asked to wait this long. */
const SOME_TIME_S = 5 * 60

/**
 * Refuses a request that exceeds a limit. Call it in the transaction that stores the run, under the lock that admits
 * one request at a time: only then are the limits hard.
 *
 * @throws {BackspaceError} `rate_limited`; its facts hold `limit` and `retryAfterSeconds`.
 */
export async function refuseAboveLimits(
  tx: Transaction<Schema>,
  asked: AskedFor & { readonly limits: AdmissionLimits; readonly at: Date },
): Promise<void> {
  await refuseTooManyOf(tx, asked)
  await refuseFullQueue(tx, asked.limits)
  await refuseSpentDay(tx, asked)
}

type Check = Parameters<typeof refuseAboveLimits>[1]

async function refuseTooManyOf(
  tx: Transaction<Schema>,
  { requester, requestsPerHour: own, limits, at }: Check,
): Promise<void> {
  const requestsPerHour = own ?? limits.requestsPerHour
  // There is room for another request once this one is an hour old.
  const oldest = await tx
    .selectFrom('runs')
    .select('created_at')
    .where('requester', '=', requester)
    .where('created_at', '>', new Date(at.getTime() - HOUR_S * 1000))
    .orderBy('created_at', 'desc')
    .offset(requestsPerHour - 1)
    .limit(1)
    .executeTakeFirst()
  if (oldest === undefined) return
  const waitSeconds = Math.ceil((oldest.created_at.getTime() - at.getTime()) / 1000) + HOUR_S
  throw refusal('requests_per_hour', {
    what: `${requesterName(requester)} has requested ${counted(requestsPerHour, 'run')} within the last hour, which is the limit.`,
    variable: own === undefined ? 'BACKSPACE_RUNS_PER_HOUR' : 'the rate of the token',
    waitSeconds,
  })
}

async function refuseFullQueue(tx: Transaction<Schema>, { queued }: AdmissionLimits): Promise<void> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from runs where ${isWaiting('runs')}`.execute(tx)
  if ((rows[0]?.count ?? 0) < queued) return
  throw refusal('queued', {
    what: `${counted(queued, 'run')} ${queued === 1 ? 'is' : 'are'} already waiting, which is the limit.`,
    variable: 'BACKSPACE_MAX_QUEUED',
    waitSeconds: SOME_TIME_S,
  })
}

async function refuseSpentDay(
  tx: Transaction<Schema>,
  { repository, account, limits, at }: Check,
): Promise<void> {
  const { rows } = await sql<{ scope: string; usd: number; reserved: number }>`
    with ${usage(startOfDay(at))}
    select scope, sum(usd) as usd, sum(reserved) as reserved
    from (
      select 'account' as scope, usd, case when runs > 0 then usd else 0 end as reserved from used where account = ${account}
      union all
      select 'repository', usd, case when runs > 0 then usd else 0 end from used where repository = ${repository}
    ) parts
    group by scope`.execute(tx)
  const { dailyUsdPerRepository, dailyUsdPerInstallation } = limits
  for (const { scope, usd, reserved } of rows) {
    const ofRepository = scope === 'repository'
    const cap = ofRepository ? dailyUsdPerRepository : dailyUsdPerInstallation
    if (Number(usd) < cap) continue
    const spentAlone = Number(usd) - Number(reserved) >= cap
    const state = spentAlone ? 'spent' : 'spent or reserved for runs that have not ended'
    throw refusal(ofRepository ? 'repository_usd' : 'installation_usd', {
      what: `Today's ${costText(cap)} for ${ofRepository ? repository : `the repositories of ${account}`} are ${state}.`,
      variable: ofRepository ? 'BACKSPACE_DAILY_USD_PER_REPOSITORY' : 'BACKSPACE_DAILY_USD_PER_INSTALLATION',
      waitSeconds: spentAlone ? secondsLeftOfDay(at) : Math.min(SOME_TIME_S, secondsLeftOfDay(at)),
    })
  }
}

function secondsLeftOfDay(at: Date): number {
  return Math.ceil((startOfDay(at).getTime() - at.getTime()) / 1000) + DAY_S
}

function refusal(
  limit: RefusalLimit,
  said: { readonly what: string; readonly variable: string; readonly waitSeconds: number },
): BackspaceError {
  const retryAfterSeconds = Math.max(1, said.waitSeconds)
  return new BackspaceError(
    'rate_limited',
    `${said.what} Try again in ${waitText(retryAfterSeconds)}, or ask the operator to raise ${said.variable}.`,
    { facts: { limit, retryAfterSeconds } },
  )
}

/** A GitHub login is shown without `@`, so that GitHub does not notify the person. */
function requesterName(requester: string): string {
  return requester.startsWith('token:') ? `The API token ${requester.slice('token:'.length)}` : requester
}

function waitText(seconds: number): string {
  if (seconds <= 90) return counted(seconds, 'second')
  const minutes = Math.ceil(seconds / 60)
  return minutes <= 90 ? counted(minutes, 'minute') : counted(Math.ceil(minutes / 60), 'hour')
}
