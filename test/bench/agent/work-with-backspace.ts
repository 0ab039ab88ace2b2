import { type OurAgent, startBenchBackspace } from './bench-backspace.ts'
import { checkWork } from './check-work.ts'
import type { TaskRecord } from './contestant.ts'
import { watchProcessTree } from './process-tree.ts'

/**
 * The task through the whole service: clone, checks, the agent, checks, pull request. Its start is not counted, its
 * memory is.
 */
export async function workWithBackspace(agent: OurAgent, claudeCode?: string): Promise<TaskRecord> {
  const backspace = await startBenchBackspace(agent, claudeCode)
  try {
    const tree = watchProcessTree(backspace.subject.pid)
    const cpuBefore = tree.cpuSeconds()
    const { seconds, readFile } = await backspace.carryOut()
    const cpuSeconds = tree.cpuSeconds() - cpuBefore
    const peakMb = tree.stop()
    const { requests } = backspace.server
    await checkWork(requests, readFile)
    return { requests, cpuSeconds, peakMb, seconds }
  } finally {
    await backspace.close()
  }
}
