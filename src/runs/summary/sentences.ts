import type { ContextCompactedEvent } from '../../agent/agent-event.ts'
import type { Step } from '../run-event.ts'

/** One line for people. */
export function compactedText({ summaryBy, tokensBefore, tokensAfter }: ContextCompactedEvent): string {
  const from = summaryBy === 'model' ? 'a summary' : 'the plan and the diff'
  return `The conversation became too long and goes on from ${from}: about ${thousands(tokensBefore)} tokens became ${thousands(tokensAfter)}`
}

function thousands(tokens: number): string {
  return tokens < 1000 ? String(tokens) : `${Math.round(tokens / 1000)}k`
}

/** The steps of a run as people read them. */
export const STEP_NAMES: Readonly<Record<Step, string>> = {
  sandbox: 'Sandbox',
  clone: 'Clone',
  setup: 'Set up',
  baseline: 'Checks before',
  agent: 'Agent',
  collect: 'Collect changes',
  checks: 'Checks after',
  gate: 'Gate',
  publish: 'Publish',
  pull_request: 'Pull request',
  report: 'Report',
}
