import type { Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import { createAppInstallations } from '../github/app-installations.ts'
import type { DeliveryStore } from '../runs/deliveries/delivery-store.ts'
import { createWatchedRepositories } from '../runs/deliveries/watched-repositories.ts'
import { createChoreNote } from '../runs/upkeep/chore-note.ts'
import type { Chore } from '../runs/upkeep/chores.ts'
import { type CatchUpPace, createCatchUp } from '../triggers/catch-up/create-catch-up.ts'

export type { CatchUpPace } from '../triggers/catch-up/create-catch-up.ts'

export interface CatchUpChoresDeps {
  readonly db: Database
  readonly deliveries: DeliveryStore
  readonly onError: (error: unknown, facts: { readonly chore: string }) => void
  readonly pace: CatchUpPace | undefined
}

/** Enough to send a request again after a server error. */
const PATIENCE_MS = 5_000

/** Finding what GitHub could not tell us; nothing without an App, since only an App is told. */
export function catchUpChores(
  { github }: Config,
  { db, deliveries, onError, pace }: CatchUpChoresDeps,
): readonly Chore[] {
  const { app, apiUrl } = github
  if (!app) return []
  return createCatchUp({
    // Nobody waits for these requests: at a rate limit they end, and the next round goes on.
    github: createAppInstallations({ app, apiUrl, patienceMs: PATIENCE_MS }),
    deliveries,
    watched: createWatchedRepositories(db),
    noteOf: (chore) => createChoreNote(db, chore),
    onError,
    ...(pace ? { pace } : {}),
  })
}
