import { expect } from 'vitest'

const FACTOR = 8
/** Between 8, which is linear, and 64, which is quadratic. */
const MOST = 24
/** Less than this, in milliseconds of the processor, is noise. */
const NOISE_MS = 2
/** Far beyond what any linear work here takes: a longer text would only take for ever. */
const HOPELESS_MS = 1_500
const MOST_ATTEMPTS = 5

/**
 * Expects that work on untrusted text grows linearly with its length. It counts what the processor did for this
 * thread, not the time on the clock, so a busy machine does not change the result; and one calm attempt of five is
 * enough, since quadratic work fails them all. The text grows in steps, so that exponential work fails instead of never
 * ending.
 *
 * @param unit is repeated to make the text.
 * @param limit the length of the longest text, in UTF-16 units: the most that the work ever gets.
 */
export function expectLinear(work: (text: string) => unknown, unit: string, limit = 160_000): void {
  const growth = judgeGrowth(unit, limit)
  for (let next = growth.next(); !next.done; ) {
    const { value: text } = next
    const before = process.threadCpuUsage()
    work(text)
    next = growth.next(processorMs(before))
  }
}

/** The same for work that is done when its promise resolves. */
export async function expectLinearWork(
  work: (text: string) => unknown,
  unit: string,
  limit: number,
): Promise<void> {
  const growth = judgeGrowth(unit, limit)
  for (let next = growth.next(); !next.done; ) {
    const { value: text } = next
    const before = process.threadCpuUsage()
    await work(text)
    next = growth.next(processorMs(before))
  }
}

/** Gives out the texts to work on, and takes the milliseconds that each took. */
function* judgeGrowth(unit: string, limit: number): Generator<string, void, number> {
  const textOf = (size: number) => `${unit.repeat(Math.ceil(size / unit.length)).slice(0, size - 1)}x`
  const short = Math.ceil(limit / FACTOR)
  let lastMs = 0
  for (let size = 64; size < short; size *= FACTOR) {
    lastMs = yield textOf(size)
    if (lastMs > HOPELESS_MS) hopeless(unit, size)
  }
  // What takes this little on the longest text passes, whatever a shorter one takes.
  if (lastMs <= NOISE_MS && (yield textOf(limit)) <= NOISE_MS * MOST) return
  const attempts: { readonly shortMs: number; readonly longMs: number }[] = []
  while (attempts.length < MOST_ATTEMPTS) {
    const shortMs = yield textOf(short)
    if (shortMs > HOPELESS_MS) hopeless(unit, short)
    const longMs = yield textOf(limit)
    if (longMs <= Math.max(shortMs, NOISE_MS) * MOST) return
    attempts.push({ shortMs, longMs })
  }
  expect.fail(`Work on ${JSON.stringify(unit)} is not linear: ${JSON.stringify(attempts)}`)
}

function hopeless(unit: string, size: number): never {
  expect.fail(`Work on ${size} characters of ${JSON.stringify(unit)} takes more than ${HOPELESS_MS} ms.`)
}

function processorMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
