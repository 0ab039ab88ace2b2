import { durationText } from '../text/amounts.ts'
import { checkEnding, type EndedCheck } from '../text/check-ending.ts'

/** How many minutes the operator gives the commands of every repository, and the most that a repository may ask for. */
export interface OperatorMinutes {
  readonly setup: number
  readonly maxSetup: number
  readonly check: number
  readonly maxCheck: number
}

/** The minutes that `.github/backspace.yml` asks for: for setup, and for each check. */
export interface WantedMinutes {
  readonly setup?: number | undefined
  readonly check?: number | undefined
}

/** How long the commands of one repository may take, in milliseconds. */
export interface CommandLimits {
  /** For all setup commands together. */
  readonly setupMs: number
  /** For each check. */
  readonly checkMs: number
  /** For all checks together, each time that they run. */
  readonly checksMs: number
}

const MINUTE_MS = 60_000

/**
 * The limits of a repository's commands: the minutes that it asks for, at most the operator's maximum.
 *
 * @param of.runMinutes minutes of the run; no step may take longer.
 * @returns also a sentence for people about each wish that is above the operator's maximum.
 */
export function limitCommands(
  operator: OperatorMinutes,
  { wanted, runMinutes }: { readonly wanted: WantedMinutes; readonly runMinutes: number },
): { readonly limits: CommandLimits; readonly problems: readonly string[] } {
  const maxSetup = Math.min(operator.maxSetup, runMinutes)
  const maxCheck = Math.min(operator.maxCheck, runMinutes)
  const setup = Math.min(wanted.setup ?? operator.setup, maxSetup)
  const check = Math.min(wanted.check ?? operator.check, maxCheck)
  const refused = (key: string, asked: number | undefined, most: number) =>
    asked !== undefined && asked > most
      ? [
          `.github/backspace.yml asks for ${asked} ${key}, and the operator allows ${most}: the limit is ${most}.`,
        ]
      : []
  return {
    limits: { setupMs: setup * MINUTE_MS, checkMs: check * MINUTE_MS, checksMs: maxCheck * MINUTE_MS },
    problems: [
      ...refused('setup-minutes', wanted.setup, maxSetup),
      ...refused('check-minutes', wanted.check, maxCheck),
    ],
  }
}

/** Collecting, the gate and publishing, at the end of a run. Checks end before that. */
export const PUBLISH_MINUTES = 5

/** The hard limit of a run in minutes: setup, the agent, the checks before and after it, verification, and publishing. */
export function minutesInAll(operator: OperatorMinutes, runMinutes: number, verifyMinutes = 0): number {
  const maxSetup = Math.min(operator.maxSetup, runMinutes)
  const maxCheck = Math.min(operator.maxCheck, runMinutes)
  return maxSetup + runMinutes + 2 * maxCheck + verifyMinutes + PUBLISH_MINUTES
}

/** A change may make a check slower, and the machine may be busier than before. */
const TIMES_AS_LONG = 5
/** A check that ended near its limit may get more than the limit, since a new sandbox has to build everything again. */
const SURELY_AS_LONG = 2
const AT_LEAST_MS = MINUTE_MS
/** A check that did not end before the change gets this fraction (1/4) of the time, in case the change makes it end. */
const SHORT_SHARE = 4

/**
 * How long a check may take on the change, in milliseconds, given how long it took before: a change that makes tests hang
 * must not use up the whole limit, and a check that never ends must not use it up twice.
 */
export function limitAfter(
  before: (EndedCheck & { readonly durationMs: number }) | undefined,
  checkMs: number,
): number {
  if (before === undefined) return checkMs
  if (checkEnding(before) === 'did_not_end') return Math.min(AT_LEAST_MS, checkMs / SHORT_SHARE)
  const usual = Math.max(AT_LEAST_MS, TIMES_AS_LONG * before.durationMs)
  // A check that failed may have stopped early, so its duration says little.
  return Math.max(
    before.exitCode === 0 ? Math.min(checkMs, usual) : checkMs,
    SURELY_AS_LONG * before.durationMs,
  )
}

/** A limit for people: `5 minutes`, `1 minute`, `40 s`. */
export function limitText(ms: number): string {
  const minutes = ms / MINUTE_MS
  if (!Number.isInteger(minutes)) return durationText(ms)
  return minutes === 1 ? '1 minute' : `${minutes} minutes`
}
