import type { AgentTask } from '../agent.ts'

/** Aborts when the minutes of the run are over, those of earlier attempts counted. */
export function startDeadline({ limits, spent }: AgentTask) {
  const controller = new AbortController()
  const leftMs = limits.minutes * 60_000 - (spent?.ms ?? 0)
  const timer = setTimeout(() => controller.abort(), Math.max(0, leftMs))
  return { signal: controller.signal, stop: () => clearTimeout(timer) }
}
