import type { Pause } from '../time/pause.ts'

/**
 * Keeps requests that create content (comments, branches, pull requests) below GitHub's limits for one installation:
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
export interface ContentLimiter {
  /** Waits until one more request is allowed. */
  take(signal?: AbortSignal): Promise<void>
  /** For a request that can be skipped, such as the edit of a progress comment. Returns false instead of waiting. */
  tryTake(): boolean
  /** Allows no request for this many milliseconds, because GitHub asked for a pause. */
  blockFor(ms: number): void
}

export interface ContentLimiterOptions {
  readonly pause: Pause
  /** Monotonic time in milliseconds. */
  readonly clock?: () => number
}

/**
 * Token buckets that refill steadily. A full bucket plus its refill never exceeds GitHub's limits: 80 in any minute and
 * 500 in any hour.
 *
 * `kept` is what skippable requests leave for the others. A run must write its first comment, a branch, a pull request
 * and its end: thanks to `kept`, ten runs that end in the same second wait for nothing, however many edits there were
 * before. The more runs there are, the fewer edits each of them gets.
 */
const BUCKETS = [
  { size: 40, kept: 30, perMs: 40 / 60_000 },
  { size: 100, kept: 80, perMs: 400 / 3_600_000 },
] as const

export function createContentLimiter({
  pause,
  clock = () => performance.now(),
}: ContentLimiterOptions): ContentLimiter {
  let levels: readonly number[] = BUCKETS.map(({ size }) => size)
  let filledAt = clock()
  let blockedUntil = 0

  function fill(): void {
    const passed = clock() - filledAt
    filledAt += passed
    levels = BUCKETS.map(({ size, perMs }, at) => Math.min(size, (levels[at] ?? 0) + passed * perMs))
  }

  /**
   * Takes one token. A level may go below zero; requests then wait in order, the latest one the longest.
   *
   * @returns milliseconds to wait.
   */
  function takeOne(): number {
    levels = levels.map((level) => level - 1)
    const waits = BUCKETS.map(({ perMs }, at) => Math.max(0, -(levels[at] ?? 0)) / perMs)
    return Math.max(...waits, blockedUntil - clock())
  }

  return {
    async take(signal) {
      fill()
      const waitMs = takeOne()
      if (waitMs > 0) await pause(waitMs, signal)
    },
    tryTake() {
      fill()
      const enough = BUCKETS.every(({ kept }, at) => (levels[at] ?? 0) > kept)
      if (!enough || blockedUntil > clock()) return false
      takeOne()
      return true
    },
    blockFor(ms) {
      blockedUntil = Math.max(blockedUntil, clock() + ms)
    },
  }
}
