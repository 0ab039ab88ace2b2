/**
 * - `ok`: it was tried, and it works.
 * - `waiting`: nothing is wrong, but something has yet to happen.
 * - `broken`: it is set, but does not work.
 * - `not_set`: the operator has not set it.
 */
type PartState = 'ok' | 'waiting' | 'broken' | 'not_set'

/** What was found out about one part of the installation. The texts are for operators and contain no secrets. */
export interface Said {
  readonly state: PartState
  /** The finding itself, as a clause. */
  readonly fact: string
  /** A path of this machine. It is for the operator's terminal, never for a page. */
  readonly path?: string | undefined
  /** What users have to do without because this part is missing or does not work. */
  readonly costs?: string | undefined
  /** What the operator should do next. */
  readonly next?: string | undefined
  /** Id of a failed attempt by GitHub to deliver a webhook, with which a redelivery can be requested. */
  readonly attempt?: number | undefined
  /** The page on which to do what `next` says. */
  readonly link?: { readonly url: string; readonly text: string } | undefined
}

/** One line of the checklist: something that runs need, or that makes them better. */
export interface CheckedPart {
  readonly id: string
  readonly name: string
  readonly group: 'GitHub' | 'Models' | 'Sandbox' | 'This service' | 'Extras'
  /** True if no run works without it. */
  readonly needed: boolean
  /** True if looking costs money. A page then asks first. */
  readonly paid: boolean
  /** The most milliseconds that a look may take. */
  readonly limitMs: number
  /** Really tries the part. If this throws, the look failed, which says nothing about the part. */
  look(signal: AbortSignal): Promise<Said>
}

export interface Finding extends Said, Pick<CheckedPart, 'id' | 'name' | 'group' | 'needed'> {}

/** Whether a run could work from start to end with the present settings. */
export function isReady(findings: readonly Pick<Finding, 'state' | 'needed'>[]): boolean {
  return findings.every(({ state, needed }) => state === 'ok' || (state !== 'broken' && !needed))
}
