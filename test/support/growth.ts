import { expect } from 'vitest'

const FACTOR = 8
/** Between 8, which is linear, and 64, which is quadratic. */
const MOST = 24
/** Less than this, in milliseconds of the processor, is noise. */
const NOISE_MS = 2

/**
 * Expects that work on untrusted text grows linearly with its length. It counts what the processor did for this
 * thread, not the time on the clock, so a busy machine does not change the result; and one calm attempt of five is
 * enough, since quadratic work fails them all.
 *
 * @param length of the shorter text; the longer one is eight times as long.
 */
export function expectLinear(work: (text: string) => unknown, unit: string, length = 20_000): void {
  const textOf = (size: number) => `${unit.repeat(Math.ceil(size / unit.length))}x`
  const short = textOf(length)
  const long = textOf(length * FACTOR)
  work(short)
  const attempts: { readonly shortMs: number; readonly longMs: number }[] = []
  while (attempts.length < 5) {
    const attempt = { shortMs: processorMs(() => work(short)), longMs: processorMs(() => work(long)) }
    if (attempt.longMs <= Math.max(attempt.shortMs, NOISE_MS) * MOST) return
    attempts.push(attempt)
  }
  expect.fail(`Work on ${JSON.stringify(unit)} is not linear: ${JSON.stringify(attempts)}`)
}

function processorMs(work: () => unknown): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
