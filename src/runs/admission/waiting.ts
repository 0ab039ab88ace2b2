import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { pausedText } from '../summary/sentences.ts'
import { type AdmissionLimits, leastBudgetUsd, startOfDay } from './admission-limits.ts'
import { capacity, followsAnother, isWaiting, placeInLine, usage } from './turns.ts'

/** What a run waits for. */
export type WaitingFor =
  /** The operator paused all runs. */
  | 'operator'
  /** The run is admitted, and a worker will take it in a moment. */
  | 'worker'
  /** No worker is alive. */
  | 'any_worker'
  | 'thread'
  | 'repository'
  | 'installation'
  | 'repository_usd'
  | 'installation_usd'
  /** All slots of the deployment are in use. */
  | 'deployment'
  | 'turn'

export interface Waiting {
  /** 1 is next. */
  readonly position: number
  readonly waitingFor: WaitingFor
  /** `waitingFor` in a sentence, for people. */
  readonly message: string
}

interface Facts {
  /** The reason of the operator's pause; null without one. */
  readonly paused: string | null
  readonly admitted: boolean
  readonly after_another: boolean
  readonly repository_runs: number
  readonly account_runs: number
  readonly repository_usd: number
  readonly account_usd: number
  readonly budget_usd: number
  readonly runs: number
  readonly capacity: number
}

export interface WaitingDeps {
  readonly db: Database
  readonly limits: AdmissionLimits
  readonly now?: (() => Date) | undefined
}

/** The position of a queued run and what it waits for; undefined when the run is not queued. */
export async function describeWaiting(deps: WaitingDeps, runId: string): Promise<Waiting | undefined> {
  const { db, limits, now = () => new Date() } = deps
  const facts = await readFacts(db, { runId, at: now() })
  if (facts === undefined) return undefined
  const position = (await placeInLine(db.sql, runId)) ?? 1
  const waitingFor = reasonOf(facts, limits)
  const { paused } = facts
  const message = paused === null ? messageOf(waitingFor, limits) : `${pausedText(paused)}. ${WHEN_OVER}`
  return { position, waitingFor, message }
}

async function readFacts(
  db: Database,
  { runId, at }: { readonly runId: string; readonly at: Date },
): Promise<Facts | undefined> {
  const { rows } = await sql<Facts>`
    with ${usage(startOfDay(at))}
    select (select reason from operator_pause) as paused,
      not (${isWaiting('run')}) as admitted,
      ${followsAnother('run')} as after_another,
      coalesce(repository_use.runs, 0) as repository_runs,
      coalesce(account_use.runs, 0) as account_runs,
      coalesce(repository_use.usd, 0) as repository_usd,
      coalesce(account_use.usd, 0) as account_usd,
      coalesce(run.budget_usd, 0) as budget_usd,
      (select coalesce(sum(runs), 0)::int from holding) as runs,
      ${capacity()} as capacity
    from runs run
    left join account_use on account_use.account = run.account
    left join repository_use on repository_use.repository = run.repository
    where run.id = ${runId} and run.status = 'queued'`.execute(db.sql)
  return rows[0]
}

/** The first reason that applies, in the order in which a person would want to know. */
function reasonOf(facts: Facts, limits: AdmissionLimits): WaitingFor {
  const needed = Math.min(facts.budget_usd, leastBudgetUsd(limits))
  if (facts.paused !== null) return 'operator'
  if (facts.admitted) return 'worker'
  if (facts.after_another) return 'thread'
  if (facts.repository_runs >= limits.runsPerRepository) return 'repository'
  if (facts.account_runs >= limits.runsPerInstallation) return 'installation'
  if (limits.dailyUsdPerRepository - facts.repository_usd < needed) return 'repository_usd'
  if (limits.dailyUsdPerInstallation - facts.account_usd < needed) return 'installation_usd'
  if (facts.capacity === 0) return 'any_worker'
  if (facts.runs >= Math.min(limits.runs, facts.capacity)) return 'deployment'
  return 'turn'
}

function messageOf(waitingFor: WaitingFor, limits: AdmissionLimits): string {
  switch (waitingFor) {
    case 'operator':
      return WHEN_OVER
    case 'worker':
      return 'This run starts in a moment.'
    case 'any_worker':
      return 'No worker is running; this run starts when one is.'
    case 'thread':
      return 'An earlier run in this thread has to end first.'
    case 'repository':
      return `${atOnce(limits.runsPerRepository)} in this repository (BACKSPACE_MAX_RUNS_PER_REPOSITORY); one of them has to end first.`
    case 'installation':
      return `${atOnce(limits.runsPerInstallation)} for this owner (BACKSPACE_MAX_RUNS_PER_INSTALLATION); one of them has to end first.`
    case 'repository_usd':
      return "Today's budget for this repository is spent or reserved (BACKSPACE_DAILY_USD_PER_REPOSITORY). This run starts when part of it is free, or after midnight UTC."
    case 'installation_usd':
      return "Today's budget for this owner is spent or reserved (BACKSPACE_DAILY_USD_PER_INSTALLATION). This run starts when part of it is free, or after midnight UTC."
    case 'deployment':
      return 'All run slots are in use; this run starts when one frees up.'
    case 'turn':
      return 'This run is next.'
  }
}

const WHEN_OVER = 'This run starts when the pause is over.'

function atOnce(runs: number): string {
  return runs === 1 ? 'One run is in progress' : `${runs} runs are in progress`
}
