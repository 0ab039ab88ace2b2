import type { AgentTask } from '../agent.ts'

/** Aborts when the run's minutes are used up. The minutes of earlier attempts count. */
export function startDeadline({ limits, spent }: AgentTask) {
  const controller = new AbortController()
  const leftMs = limits.minutes * 60_000 - (spent?.ms ?? 0)
  const timer = setTimeout(() => controller.abort(), Math.max(0, leftMs))
  return { signal: controller.signal, stop: () => clearTimeout(timer) }
}
