/**
 * - `ok`: it was tried, and it works.
 * - `waiting`: nothing is wrong, and something has yet to happen.
 * - `broken`: it is set, and it does not work.
 * - `not_set`: the operator has not set it.
 */
type PartState = 'ok' | 'waiting' | 'broken' | 'not_set'

/** What was found out about a part of the installation. Texts are for operators; they hold no secret. */
export interface Said {
  readonly state: PartState
  /** What is so. */
  readonly fact: string
  /** A path of this machine: for the terminal of the operator, never for a page. */
  readonly path?: string | undefined
  /** What it costs the user that this part is missing or does not work. */
  readonly costs?: string | undefined
  /** What to do next. */
  readonly next?: string | undefined
  /** Id of GitHub's attempt at a webhook that failed, to be asked for once more. */
  readonly attempt?: number | undefined
  /** Where to do it. */
  readonly link?: { readonly url: string; readonly text: string } | undefined
}

/** One line of the checklist: something that runs need, or that they are better with. */
export interface CheckedPart {
  readonly id: string
  readonly name: string
  readonly group: 'GitHub' | 'Models' | 'Sandbox' | 'This service' | 'Extras'
  /** Whether no run works without it. */
  readonly needed: boolean
  /** Whether a look costs money, so that a page asks before it looks. */
  readonly paid: boolean
  /** How long a look may take, in milliseconds. */
  readonly limitMs: number
  /** Really tries it. What it throws is a fault of the look, not of the part. */
  look(signal: AbortSignal): Promise<Said>
}

export interface Finding extends Said, Pick<CheckedPart, 'id' | 'name' | 'group' | 'needed'> {}

/** Whether a run could work from its start to its end with what is set. */
export function isReady(findings: readonly Pick<Finding, 'state' | 'needed'>[]): boolean {
  return findings.every(({ state, needed }) => state === 'ok' || (state !== 'broken' && !needed))
}
