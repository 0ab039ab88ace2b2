import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { BackspaceError, knownError } from '../../errors.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import { type DeliveryAttempt, listDeliveries } from '../../github/list-deliveries.ts'
import { redeliver } from '../../github/redeliver.ts'
import type { DeliveryStore } from '../../runs/deliveries/delivery-store.ts'
import type { ChoreNote } from '../../runs/upkeep/chore-note.ts'
import { HANDLED_EVENTS } from '../github-webhooks.ts'
import { type FailedDelivery, judgeAttempts } from './judge-attempts.ts'

export interface RedeliverFailedDeps {
  readonly deliveries: Pick<DeliveryStore, 'missingOf'>
  readonly note: ChoreNote
  /** Told of webhooks that are given up, and of those that GitHub will not send again. */
  readonly report: (error: unknown) => void
  /** Between two requests for a redelivery; default 100 milliseconds. */
  readonly paceMs?: number
}

/** GitHub keeps deliveries for about three days. */
const WINDOW_MS = 3 * 24 * 60 * 60_000
/** An attempt is listed when it is over, which may be some time after it began. */
const LISTED_WITHIN_MS = 10 * 60_000
const MOST_AT_ONCE = 100

const Note = z.object({ settledUntil: z.coerce.date(), givenUp: z.array(z.string()) })

/**
 * Asks GitHub again for the webhooks that it could not hand over, because nobody listened or nobody could store
 * them; GitHub itself never tries twice. A redelivery has the first delivery's id, so whatever happens it counts
 * once. What is settled is noted, so that the next round reads no further back than it must.
 *
 * @param octokit a client of the App itself.
 * @throws {BackspaceError} when GitHub does not answer, or has no such list; the next round tries again.
 */
export async function redeliverFailed(octokit: GitHubClient, deps: RedeliverFailedDeps): Promise<void> {
  const note = Note.safeParse(await deps.note.read()).data
  const { attempts, at } = await readBack(octokit, note?.settledUntil)
  const failed = judgeAttempts(attempts, { at, events: HANDLED_EVENTS })
  const missing = await deps.deliveries.missingOf(
    'deliveryId',
    failed.map(({ guid }) => guid),
  )
  // One that is stored was committed, and only our answer was lost.
  const lost = failed.filter(({ guid }) => missing.has(guid))
  const givenUp = lost.filter(({ state }) => state === 'hopeless').map(({ guid }) => guid)
  tellOf(
    givenUp.filter((guid) => !note?.givenUp.includes(guid)),
    deps,
  )
  const open = lost.filter(({ state }) => state !== 'hopeless')
  await askAgain(octokit, open, deps)
  await deps.note.write({ settledUntil: open[0]?.firstAt ?? at, givenUp })
}

/** Every attempt since everything was settled, and GitHub's time. */
async function readBack(octokit: GitHubClient, settledUntil: Date | undefined) {
  const attempts: DeliveryAttempt[] = []
  let at: Date | undefined
  for await (const page of listDeliveries(octokit)) {
    at ??= page.at
    const settled = (settledUntil?.getTime() ?? 0) - LISTED_WITHIN_MS
    const oldest = Math.max(at.getTime() - WINDOW_MS, settled)
    const recent = page.attempts.filter(({ deliveredAt }) => deliveredAt.getTime() >= oldest)
    attempts.push(...recent)
    if (recent.length < page.attempts.length) break
  }
  return { attempts, at: at ?? new Date() }
}

function tellOf(guids: readonly string[], { report }: RedeliverFailedDeps): void {
  if (guids.length === 0) return
  report(
    new BackspaceError(
      'unavailable',
      `${guids.length} webhooks could not be delivered however often they were asked for. Check the webhook URL of the App and what stands between GitHub and Backspace; they can be sent again on the App's settings page under Advanced.`,
      { facts: { deliveries: guids.slice(0, 20) } },
    ),
  )
}

async function askAgain(
  octokit: GitHubClient,
  open: readonly FailedDelivery[],
  { report, paceMs = 100 }: RedeliverFailedDeps,
): Promise<void> {
  const due = open.filter(({ state }) => state === 'due')
  for (const { attemptId } of due.slice(0, MOST_AT_ONCE)) {
    try {
      await redeliver(octokit, attemptId)
    } catch (error) {
      // Of one webhook, for instance that it is too old by now: the others are asked for all the same.
      const code = knownError(error)?.code
      if (code !== 'not_found' && code !== 'conflict') throw error
      report(error)
    }
    await delay(paceMs)
  }
}
