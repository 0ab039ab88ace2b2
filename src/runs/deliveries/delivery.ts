import { createHash } from 'node:crypto'

/** A webhook that GitHub delivered. */
export interface Delivery {
  /** `X-GitHub-Delivery`; a redelivery has the same one. */
  readonly deliveryId: string
  /** `X-GitHub-Event`. */
  readonly event: string
  /** The raw JSON body. */
  readonly payload: string
  /** From `deliveryKey`: equal for two deliveries of one fact. */
  readonly contentKey: string
}

/** A delivery that is stored. */
export interface StoredDelivery extends Delivery {
  readonly receivedAt: Date
}

/** The parts of a webhook's body that identify its subject; other parts may differ between two deliveries of it. */
interface Fact {
  readonly action?: unknown | undefined
  /** Of a push to a pull request: the new commit. */
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
 * A key that two deliveries share exactly when they report the same fact: a redelivery under a new delivery id, or an App
 * and a repository hook that report the same comment. Made from signed content only, so it cannot be forged.
 *
 * A comment or review counts once per action and id. A label comes and goes on one issue, so the time of the change
 * counts, too. That time is in whole seconds, so a push to a pull request counts by its commit as well. Any other event counts
 * by its whole body.
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
