import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { BackspaceError, knownError } from '../../errors.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import { type DeliveryAttempt, listDeliveries, redeliver } from '../../github/webhook-deliveries.ts'
import type { DeliveryStore } from '../../runs/deliveries/delivery-store.ts'
import type { ChoreNote } from '../../runs/upkeep/chores.ts'
import { HANDLED_EVENTS } from '../github-webhooks.ts'

interface RedeliverFailedDeps {
  readonly deliveries: Pick<DeliveryStore, 'missingOf'>
  readonly note: ChoreNote
  /** Called for webhooks that fail repeatedly, and for those that GitHub will not send again. */
  readonly report: (error: unknown) => void
  /** Milliseconds between two requests for a redelivery; default 100. */
  readonly paceMs?: number
}

/** GitHub keeps deliveries for about three days. */
const WINDOW_MS = 3 * 24 * 60 * 60_000
/** GitHub lists an attempt when it is over, which may be this long after its start. */
const LISTED_WITHIN_MS = 10 * 60_000
const MOST_AT_ONCE = 100

/** A webhook that failed repeatedly is requested again only this often, since its cause may be fixed at any time. */
const SELDOM_MS = 60 * 60_000

const Hopeless = z.object({
  guid: z.string(),
  attemptId: z.number(),
  firstAt: z.coerce.date(),
  askedAt: z.coerce.date(),
})
const Note = z.object({ settledUntil: z.coerce.date(), hopeless: z.array(Hopeless) })

/**
 * Asks GitHub to redeliver webhooks that failed because the service was down or could not store them. GitHub itself
 * never retries. A redelivery has the id of the first delivery, so it counts once. A note says up to when all is
 * settled, so that the next round reads no further back than it must.
 *
 * @param octokit a client of the App itself.
 * @throws {BackspaceError} if GitHub does not answer or has no list of deliveries; the next round tries again.
 */
export async function redeliverFailed(octokit: GitHubClient, deps: RedeliverFailedDeps): Promise<void> {
  const note = Note.safeParse(await deps.note.read()).data
  const { attempts, at } = await readBack(octokit, note?.settledUntil)
  const failed = judgeAttempts(attempts, { at, events: HANDLED_EVENTS })
  const known = note?.hopeless ?? []
  const missing = await deps.deliveries.missingOf(
    'deliveryId',
    [...failed, ...known].map(({ guid }) => guid),
  )
  // A webhook that is stored was accepted; only the response to GitHub was lost.
  const lost = failed.filter(({ guid }) => missing.has(guid))
  const open = lost.filter(({ state }) => state !== 'hopeless')
  const found = lost.filter(
    ({ guid, state }) => state === 'hopeless' && !known.some((one) => one.guid === guid),
  )
  reportHopeless(found, deps)
  const seldom = known.filter(({ guid, firstAt }) => missing.has(guid) && isSince(firstAt, at, WINDOW_MS))
  const again = seldom.filter(({ askedAt }) => !isSince(askedAt, at, SELDOM_MS))
  const due = [...open.filter(({ state }) => state === 'due'), ...again].slice(0, MOST_AT_ONCE)
  await askAgain(octokit, due, deps)
  const hopeless = [
    ...seldom.map((one) => (due.includes(one) ? { ...one, askedAt: at } : one)),
    ...found.map(({ guid, attemptId, firstAt }) => ({ guid, attemptId, firstAt, askedAt: at })),
  ]
  await deps.note.write({ settledUntil: open[0]?.firstAt ?? at, hopeless })
}

function isSince(moment: Date, at: Date, ms: number): boolean {
  return at.getTime() - moment.getTime() < ms
}

/** Every attempt since the note was written, and the time on GitHub's clock. */
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

function reportHopeless(found: readonly { readonly guid: string }[], { report }: RedeliverFailedDeps): void {
  if (found.length === 0) return
  report(
    new BackspaceError(
      'unavailable',
      `${found.length} webhooks failed on every redelivery. Check the App's webhook URL and the network between GitHub and Backspace. They are now requested once an hour, for three days.`,
      { facts: { deliveries: found.slice(0, 20).map(({ guid }) => guid) } },
    ),
  )
}

async function askAgain(
  octokit: GitHubClient,
  due: readonly { readonly attemptId: number }[],
  { report, paceMs = 100 }: RedeliverFailedDeps,
): Promise<void> {
  for (const { attemptId } of due) {
    try {
      await redeliver(octokit, attemptId)
    } catch (error) {
      // If GitHub refuses to redeliver one webhook, for instance because it is too old, the others are still requested.
      const code = knownError(error)?.code
      if (code !== 'not_found' && code !== 'conflict') throw error
      report(error)
    }
    await delay(paceMs)
  }
}

/** A webhook that no attempt has delivered. */
interface FailedDelivery {
  readonly guid: string
  /** Id of the latest attempt. */
  readonly attemptId: number
  readonly firstAt: Date
  /**
   * `due`: request it now. `waiting`: it was requested a moment ago. `hopeless`: it has failed so often that another
   * request soon will not help.
   */
  readonly state: 'due' | 'waiting' | 'hopeless'
}

const WAIT_MS = 10 * 60_000
const MOST_REDELIVERIES = 5

/**
 * Finds the webhooks that failed, the earliest first. A webhook whose first attempt is not in the list was judged in an
 * earlier round.
 *
 * @param attempts newest first, as GitHub lists them.
 */
export function judgeAttempts(
  attempts: readonly DeliveryAttempt[],
  { at, events }: { readonly at: Date; readonly events: readonly string[] },
): readonly FailedDelivery[] {
  const wanted = attempts.filter(({ event, action }) => events.includes(`${event}.${action}`))
  return [...Map.groupBy(wanted, ({ guid }) => guid).values()]
    .flatMap((ofOne) => judge(ofOne, at))
    .sort((a, b) => a.firstAt.getTime() - b.firstAt.getTime() || a.attemptId - b.attemptId)
}

function judge(attempts: readonly DeliveryAttempt[], at: Date): FailedDelivery[] {
  const [latest] = attempts
  const first = attempts.find(({ redelivery }) => !redelivery)
  if (!latest || !first || attempts.some(({ ok }) => ok)) return []
  const redeliveries = attempts.length - 1
  const recent = latest.redelivery && at.getTime() - latest.deliveredAt.getTime() < WAIT_MS
  const state = recent ? 'waiting' : redeliveries >= MOST_REDELIVERIES ? 'hopeless' : 'due'
  return [{ guid: latest.guid, attemptId: latest.id, firstAt: first.deliveredAt, state }]
}
