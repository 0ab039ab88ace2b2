import type { Measurement } from '../measurement.ts'
import { startBenchBackspace } from './bench-backspace.ts'
import { watchProcessTree } from './process-tree.ts'

const AT_ONCE = 4

/** What one more run costs a service that is at work already. */
export async function measureExtraRuns(variant: string): Promise<readonly Measurement[]> {
  const backspace = await startBenchBackspace('anthropic')
  const measure = async (runs: number) => {
    const tree = watchProcessTree(backspace.subject.pid)
    const cpuBefore = tree.cpuSeconds()
    await Promise.all(Array.from({ length: runs }, () => backspace.carryOut()))
    return { cpu: tree.cpuSeconds() - cpuBefore, peak: tree.stop() }
  }
  try {
    await measure(1) // What is loaded once, and compiled.
    const one = await measure(1)
    const several = await measure(AT_ONCE)
    const name = `each of ${AT_ONCE - 1} more runs at once`
    return [
      { name: `${name}: CPU`, variant, unit: 's', value: (several.cpu - one.cpu) / (AT_ONCE - 1) },
      { name: `${name}: memory`, variant, unit: 'MB', value: (several.peak - one.peak) / (AT_ONCE - 1) },
    ]
  } finally {
    await backspace.close()
  }
}
