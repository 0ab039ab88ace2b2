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
  /** Told of webhooks that fail again and again, and of those that GitHub will not send again. */
  readonly report: (error: unknown) => void
  /** Between two requests for a redelivery; default 100 milliseconds. */
  readonly paceMs?: number
}

/** GitHub keeps deliveries for about three days. */
const WINDOW_MS = 3 * 24 * 60 * 60_000
/** An attempt is listed when it is over, which may be some time after it began. */
const LISTED_WITHIN_MS = 10 * 60_000
const MOST_AT_ONCE = 100

/** What failed again and again is asked for this seldom: whatever is wrong may be put right at any time. */
const SELDOM_MS = 60 * 60_000

const Hopeless = z.object({
  guid: z.string(),
  attemptId: z.number(),
  firstAt: z.coerce.date(),
  askedAt: z.coerce.date(),
})
const Note = z.object({ settledUntil: z.coerce.date(), hopeless: z.array(Hopeless) })

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
  const known = note?.hopeless ?? []
  const missing = await deps.deliveries.missingOf(
    'deliveryId',
    [...failed, ...known].map(({ guid }) => guid),
  )
  // One that is stored was committed, and only our answer was lost.
  const lost = failed.filter(({ guid }) => missing.has(guid))
  const open = lost.filter(({ state }) => state !== 'hopeless')
  const found = lost.filter(
    ({ guid, state }) => state === 'hopeless' && !known.some((one) => one.guid === guid),
  )
  tellOf(found, deps)
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

function tellOf(found: readonly { readonly guid: string }[], { report }: RedeliverFailedDeps): void {
  if (found.length === 0) return
  report(
    new BackspaceError(
      'unavailable',
      `${found.length} webhooks could not be delivered however often they were asked for. Check the webhook URL of the App and what stands between GitHub and Backspace. They are asked for once an hour from now on, for three days.`,
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
      // Of one webhook, for instance that it is too old by now: the others are asked for all the same.
      const code = knownError(error)?.code
      if (code !== 'not_found' && code !== 'conflict') throw error
      report(error)
    }
    await delay(paceMs)
  }
}

/** A webhook that was never answered with 2xx. */
interface FailedDelivery {
  readonly guid: string
  /** The latest attempt. */
  readonly attemptId: number
  readonly firstAt: Date
  /**
   * `due`: ask for it again. `waiting`: it was asked for a moment ago. `hopeless`: it failed so often that asking
   * again soon will not help.
   */
  readonly state: 'due' | 'waiting' | 'hopeless'
}

const WAIT_MS = 10 * 60_000
const MOST_REDELIVERIES = 5

/**
 * Finds the webhooks that failed, the earliest first. One whose first attempt is not among these was judged before,
 * when it was.
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
