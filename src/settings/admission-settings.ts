import type { SettingsReader } from './settings-reader.ts'

/** How much may go on at once, and how much may be asked for. All are hard limits, across all processes. */
export interface AdmissionSettings {
  /** Runs at once in the whole deployment. */
  readonly runs: number
  readonly runsPerRepository: number
  /** An installation is an account: the owner of the repository. */
  readonly runsPerInstallation: number
  /** Runs that wait; above it requests are refused. */
  readonly queued: number
  /** Runs that one person, or one API token, may ask for within an hour. */
  readonly requestsPerHour: number
  /** Dollars per day (UTC). */
  readonly dailyUsdPerRepository: number
  readonly dailyUsdPerInstallation: number
}

export function readAdmissionSettings(reader: SettingsReader): AdmissionSettings {
  const count = (name: Parameters<SettingsReader['integer']>[0]) =>
    reader.integer(name, { min: 1, max: 100_000 })
  return {
    runs: count('BACKSPACE_MAX_RUNS'),
    runsPerRepository: count('BACKSPACE_MAX_RUNS_PER_REPOSITORY'),
    runsPerInstallation: count('BACKSPACE_MAX_RUNS_PER_INSTALLATION'),
    queued: count('BACKSPACE_MAX_QUEUED'),
    requestsPerHour: count('BACKSPACE_RUNS_PER_HOUR'),
    dailyUsdPerRepository: reader.positive('BACKSPACE_DAILY_USD_PER_REPOSITORY'),
    dailyUsdPerInstallation: reader.positive('BACKSPACE_DAILY_USD_PER_INSTALLATION'),
  }
}
