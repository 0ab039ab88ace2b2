import type { Step } from '../../runs/run-event.ts'

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
