import { knownError } from '../../errors.ts'
import {
  type AppInstallations,
  listInstallations,
  listInstalledRepositories,
} from '../../github/app-installations.ts'
import type { DeliveryStore } from '../../runs/deliveries/delivery-store.ts'
import type { WatchedRepositories } from '../../runs/deliveries/watched-repositories.ts'
import type { Chore, ChoreNote } from '../../runs/upkeep/chores.ts'
import { findMissedComments } from './missed-comments.ts'
import { redeliverFailed } from './redeliver-failed.ts'

interface CatchUpDeps {
  readonly github: AppInstallations
  readonly deliveries: DeliveryStore
  readonly watched: WatchedRepositories
  readonly noteOf: (chore: string) => ChoreNote
  readonly onError: (error: unknown, facts: { readonly chore: string }) => void
  readonly pace?: CatchUpPace | undefined
}

/** How often the parts of catching up run, in milliseconds. */
export interface CatchUpPace {
  /**
   * How often to look for webhooks that failed and comments that never came; default five minutes. A process also looks
   * at its start.
   */
  readonly lookEveryMs?: number
  /** How often to ask where the App is installed; default one hour. */
  readonly listEveryMs?: number
  /** The pause between two requests for a redelivery; default 100. */
  readonly redeliverEveryMs?: number
}

/** The chores that find webhooks which GitHub could not deliver, or never sent. */
export function createCatchUp(deps: CatchUpDeps): readonly Chore[] {
  const { github, deliveries, watched, noteOf, onError, pace = {} } = deps
  const { lookEveryMs = 5 * 60_000, listEveryMs = 60 * 60_000, redeliverEveryMs: paceMs = 100 } = pace
  const note = noteOf('github-deliveries')

  const chore = (name: string, everyMs: number, work: Work): Chore => {
    const report = (error: unknown) => onError(error, { chore: name })
    return { name, everyMs, run: reportOnce((signal) => work(signal, report), report) }
  }
  const look = (name: string, work: Work): Chore => ({ ...chore(name, lookEveryMs, work), atStart: true })

  return [
    look('github-deliveries', (signal, report) =>
      redeliverFailed(github.asApp(signal), { deliveries, note, paceMs, report }),
    ),
    chore('watched-repositories', listEveryMs, (signal) => watchRepositories({ github, watched }, signal)),
    look('missed-comments', (signal) => findMissedComments({ github, deliveries, watched }, signal)),
  ]
}

type Work = (signal: AbortSignal, report: (error: unknown) => void) => Promise<void>

/**
 * Reports an error of repeated work when it first occurs, and not on every repetition: a server without a list of
 * deliveries, or a missing permission. After a success the same error is reported again.
 */
function reportOnce(
  work: (signal: AbortSignal) => Promise<void>,
  report: (error: unknown) => void,
): (signal: AbortSignal) => Promise<void> {
  let reported: string | undefined
  return async (signal) => {
    try {
      await work(signal)
      reported = undefined
    } catch (error) {
      if (signal.aborted) return
      const trouble = knownError(error)?.message ?? String(error)
      if (trouble !== reported) report(error)
      reported = trouble
    }
  }
}

/**
 * Updates the list of watched repositories from the App's installations.
 *
 * @throws {BackspaceError} the first error, after all other installations were listed.
 */
async function watchRepositories(
  { github, watched }: { readonly github: AppInstallations; readonly watched: WatchedRepositories },
  signal: AbortSignal,
): Promise<void> {
  const installations = await listInstallations(github.asApp(signal))
  const troubles: unknown[] = []
  for (const id of installations) {
    try {
      await watched.replace(id, await listInstalledRepositories(github.reader(id, signal)))
    } catch (error) {
      signal.throwIfAborted()
      troubles.push(error)
    }
  }
  await watched.keepInstallations(installations)
  if (troubles.length > 0) throw troubles[0]
}
