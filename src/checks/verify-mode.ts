export const VERIFY_MODES = ['full', 'checks', 'off'] as const

/**
 * How much of a change is verified in clean sandboxes that the agent never entered. `full`: the checks, whether its tests
 * fail without the change, and whether each part of it is needed. `checks`: only the checks. `off`: nothing.
 */
export type VerifyMode = (typeof VERIFY_MODES)[number]

/** The mode that verifies less: a repository may ask for less than the operator, not for more. */
export function lessOf(one: VerifyMode, other: VerifyMode = 'full'): VerifyMode {
  return VERIFY_MODES[Math.max(VERIFY_MODES.indexOf(one), VERIFY_MODES.indexOf(other))] ?? one
}
