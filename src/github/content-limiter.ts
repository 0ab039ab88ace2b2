import type { Pause } from '../time/pause.ts'

/**
 * Keeps requests that make content (comments, branches, pull requests) below what GitHub allows one installation:
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
export interface ContentLimiter {
  /** Waits until one more may be made. */
  take(signal?: AbortSignal): Promise<void>
  /** The same for something that may as well stay away, like the edit of a progress comment: false instead of a wait. */
  tryTake(): boolean
  /** GitHub said to stay away for this long. */
  stayAway(ms: number): void
}

export interface ContentLimiterOptions {
  readonly pause: Pause
  /** Milliseconds that only go forward. */
  readonly clock?: () => number
}

/**
 * Buckets that fill steadily: what is in a full one and what flows in meanwhile are together never more than GitHub's
 * 80 in any minute and 500 in any hour.
 */
const BUCKETS = [
  { size: 40, perMs: 40 / 60_000 },
  { size: 100, perMs: 400 / 3_600_000 },
] as const
/** This part of each bucket is kept for what must be written. */
const RESERVED = 0.25

export function createContentLimiter({
  pause,
  clock = () => performance.now(),
}: ContentLimiterOptions): ContentLimiter {
  let levels: readonly number[] = BUCKETS.map(({ size }) => size)
  let filledAt = clock()
  let awayUntil = 0

  function fill(): void {
    const passed = clock() - filledAt
    filledAt += passed
    levels = BUCKETS.map(({ size, perMs }, at) => Math.min(size, (levels[at] ?? 0) + passed * perMs))
  }

  /** May go below zero: then whoever took last waits longest, in order. */
  function takeOne(): number {
    levels = levels.map((level) => level - 1)
    const waits = BUCKETS.map(({ perMs }, at) => Math.max(0, -(levels[at] ?? 0)) / perMs)
    return Math.max(...waits, awayUntil - clock())
  }

  return {
    async take(signal) {
      fill()
      const waitMs = takeOne()
      if (waitMs > 0) await pause(waitMs, signal)
    },
    tryTake() {
      fill()
      const enough = BUCKETS.every(({ size }, at) => (levels[at] ?? 0) > size * RESERVED)
      if (!enough || awayUntil > clock()) return false
      takeOne()
      return true
    },
    stayAway(ms) {
      awayUntil = Math.max(awayUntil, clock() + ms)
    },
  }
}
