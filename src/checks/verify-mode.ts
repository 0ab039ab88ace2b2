export const VERIFY_MODES = ['full', 'checks', 'off'] as const

/**
 * What is found out about a change in sandboxes that the agent never entered. `full`: the checks, whether its tests fail
 * without it, and whether each part of it is needed. `checks`: only the checks. `off`: nothing.
 */
export type VerifyMode = (typeof VERIFY_MODES)[number]

/** A repository may ask for less than the operator. */
export function lessOf(one: VerifyMode, other: VerifyMode = 'full'): VerifyMode {
  return VERIFY_MODES[Math.max(VERIFY_MODES.indexOf(one), VERIFY_MODES.indexOf(other))] ?? one
}
