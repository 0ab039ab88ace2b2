/** How much may run at once and how much may be requested: hard limits, across all processes. */
export interface AdmissionLimits {
  /** Runs at once in the whole deployment. */
  readonly runs: number
  readonly runsPerRepository: number
  /** An installation is an account: the owner of the repository. */
  readonly runsPerInstallation: number
  /** Runs that may wait; further requests are refused. */
  readonly queued: number
  /** Runs that one person, or one API token, may request within an hour. */
  readonly requestsPerHour: number
  /** Dollars that one run may spend. */
  readonly usdPerRun: number
  /** Dollars per day (UTC). */
  readonly dailyUsdPerRepository: number
  readonly dailyUsdPerInstallation: number
}

/** With fewer dollars than this a run achieves nothing; it waits for the next day instead. */
const LEAST_BUDGET_USD = 0.25

/** Dollars of the day that must be left to admit a run whose own budget is not smaller. */
export function leastBudgetUsd(limits: AdmissionLimits): number {
  return Math.min(LEAST_BUDGET_USD, limits.dailyUsdPerRepository, limits.dailyUsdPerInstallation)
}

/** The start of the day (UTC) that `at` is in. */
export function startOfDay(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()))
}
