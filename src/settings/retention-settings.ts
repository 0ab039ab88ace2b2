import type { SettingsReader } from './settings-reader.ts'

/** How long things are kept, in days. */
export interface RetentionSettings {
  /** Events and transcripts of runs that have ended. */
  readonly eventsDays: number
  /** Runs that have ended, with all that is left of them. */
  readonly runsDays: number
  /** Webhooks that were handled. */
  readonly deliveriesDays: number
}

const RANGE = { min: 1, max: 36_500 }

export function readRetentionSettings(reader: SettingsReader): RetentionSettings {
  return {
    eventsDays: reader.integer('BACKSPACE_KEEP_EVENTS_DAYS', RANGE),
    runsDays: reader.integer('BACKSPACE_KEEP_RUNS_DAYS', RANGE),
    // GitHub can send a delivery again for three days; one that is forgotten before would count as new.
    deliveriesDays: reader.integer('BACKSPACE_KEEP_DELIVERIES_DAYS', { min: 4, max: 36_500 }),
  }
}
