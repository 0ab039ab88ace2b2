import type { AdmissionLimits } from '../../src/runs/admission/admission-limits.ts'

/** Limits that nothing in a test comes near. */
export const WIDE_LIMITS: AdmissionLimits = {
  runs: 1000,
  runsPerRepository: 1000,
  runsPerInstallation: 1000,
  queued: 100_000,
  requestsPerHour: 100_000,
  usdPerRun: 5,
  dailyUsdPerRepository: 1_000_000,
  dailyUsdPerInstallation: 1_000_000,
}
