/** How many runs may work at once and how many may be requested: hard limits across all processes. */
export interface AdmissionLimits {
  /** Runs at once in the whole deployment. */
  readonly runs: number
  readonly runsPerRepository: number
  /** Counted by account, the owner of the repository; each has at most one installation. */
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

/** A run achieves nothing with fewer dollars than this, so it waits for the next day instead. */
const LEAST_BUDGET_USD = 0.25

/** Dollars that must be left of the day to admit a run, unless the run's own budget is smaller. */
export function leastBudgetUsd(limits: AdmissionLimits): number {
  return Math.min(LEAST_BUDGET_USD, limits.dailyUsdPerRepository, limits.dailyUsdPerInstallation)
}

/** The start of the UTC day that contains `at`. */
export function startOfDay(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()))
}
