import { createHash } from 'node:crypto'

/** A webhook that GitHub delivered. */
export interface Delivery {
  /** `X-GitHub-Delivery`. A redelivery has the id of the first delivery. */
  readonly deliveryId: string
  /** `X-GitHub-Event`. */
  readonly event: string
  /** The raw JSON body. */
  readonly payload: string
  /** From `deliveryKey`; two deliveries of the same fact have the same key. */
  readonly contentKey: string
}

/** A delivery that is stored. */
export interface StoredDelivery extends Delivery {
  readonly receivedAt: Date
}

/**
 * The parts of a webhook's body that identify the fact it reports. Its other parts may differ from delivery to
 * delivery.
 */
interface Fact {
  readonly action?: unknown | undefined
  /** For a push to a pull request: the new commit. */
  readonly after?: unknown | undefined
  readonly repository?: Identified | undefined
  readonly comment?: Identified | undefined
  readonly review?: Identified | undefined
  readonly issue?: Identified | undefined
  readonly pull_request?: Identified | undefined
  readonly label?: { readonly name?: unknown } | undefined
}
interface Identified {
  readonly id?: unknown | undefined
  readonly updated_at?: unknown | undefined
}

/**
 * A key that two deliveries share exactly when they report the same fact: a redelivery under a new delivery id, or an
 * App and a repository hook that report the same comment. The key comes from signed content alone, so it cannot be
 * forged.
 *
 * A comment or review counts once per action and id. A label can come and go on one issue, so its key includes the time
 * of the change. That time is in whole seconds, so the key of a push to a pull request also includes the commit. For
 * any other event the whole body counts.
 *
 * @param event `X-GitHub-Event`.
 * @param payload the parsed body.
 */
export function deliveryKey(event: string, payload: unknown): string {
  const fact = isFact(payload) ? payload : {}
  return createHash('sha256')
    .update(JSON.stringify([event, ...identity(event, fact, payload)]))
    .digest('base64url')
}

function identity(event: string, fact: Fact, payload: unknown): readonly unknown[] {
  const { action, repository, comment, review, label } = fact
  const said = comment ?? review
  if (said?.id !== undefined) {
    const time = action === 'created' || action === 'submitted' ? null : said.updated_at
    return [action, repository?.id, said.id, time]
  }
  const subject = fact.issue ?? fact.pull_request
  if ((event === 'issues' || event === 'pull_request') && subject?.id !== undefined) {
    const change = [action, repository?.id, subject.id, label?.name, subject.updated_at]
    return action === 'synchronize' ? [...change, fact.after] : change
  }
  return [payload]
}

function isFact(payload: unknown): payload is Fact {
  return typeof payload === 'object' && payload !== null
}
