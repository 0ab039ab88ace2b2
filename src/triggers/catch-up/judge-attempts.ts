import type { DeliveryAttempt } from '../../github/list-deliveries.ts'

/** A webhook that was never answered with 2xx. */
export interface FailedDelivery {
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
