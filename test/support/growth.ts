import { expect } from 'vitest'

const FACTOR = 8
/** Between 8, which is linear, and 64, which is quadratic. */
const MOST = 24
/** Less than this, in milliseconds of the processor, is noise. */
const NOISE_MS = 2
/** Far beyond what any linear work here takes: a longer text would only take for ever. */
const HOPELESS_MS = 1_500

/**
 * Expects that work on untrusted text grows linearly with its length. It counts what the processor did for this
 * thread, not the time on the clock, so a busy machine does not change the result; and one calm attempt of five is
 * enough, since quadratic work fails them all. The text grows in steps, so that exponential work fails instead of never
 * ending.
 *
 * @param unit is repeated to make the text.
 * @param limit the length of the longest text, in UTF-16 units: the most that the work ever gets.
 */
export async function expectLinear(
  work: (text: string) => unknown,
  unit: string,
  limit = 160_000,
): Promise<void> {
  const textOf = (size: number) => `${unit.repeat(Math.ceil(size / unit.length)).slice(0, size - 1)}x`
  const attempts: { readonly shortMs: number; readonly longMs: number }[] = []
  for (let size = 64; size < limit / FACTOR; size *= FACTOR) {
    const text = textOf(size)
    if ((await processorMs(() => work(text))) > HOPELESS_MS) fail(unit, size)
  }
  const [short, long] = [textOf(Math.ceil(limit / FACTOR)), textOf(limit)]
  while (attempts.length < 5) {
    const shortMs = await processorMs(() => work(short))
    if (shortMs > HOPELESS_MS) fail(unit, short.length)
    const longMs = await processorMs(() => work(long))
    if (longMs <= Math.max(shortMs, NOISE_MS) * MOST) return
    attempts.push({ shortMs, longMs })
  }
  expect.fail(`Work on ${JSON.stringify(unit)} is not linear: ${JSON.stringify(attempts)}`)
}

function fail(unit: string, size: number): never {
  expect.fail(`Work on ${size} characters of ${JSON.stringify(unit)} takes more than ${HOPELESS_MS} ms.`)
}

async function processorMs(work: () => unknown): Promise<number> {
  const before = process.threadCpuUsage()
  await work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
