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
