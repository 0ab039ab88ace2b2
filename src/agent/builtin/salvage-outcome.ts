import type { AgentOutcome, AgentTask } from '../agent.ts'
import type { PlanItem } from '../agent-event.ts'
import { titleOf } from '../title.ts'
import { boundText } from '../tools/bounded-output.ts'
import type { Stop } from './progress-watch.ts'

/** How a run ended, before it is known what it cost. */
export type Ending = Omit<AgentOutcome, 'totals'>

/** The outcome of a run that was stopped: what stands in the workspace is kept, and nothing is claimed of it. */
export function salvageOutcome(given: {
  readonly task: AgentTask
  readonly stop: Stop
  readonly plan: readonly PlanItem[]
  /** What the model said last, if anything. */
  readonly lastText: string
}): Ending {
  const { task, stop, plan, lastText } = given
  const steps = plan.map(({ text, status }) => `- [${status === 'done' ? 'x' : ' '}] ${text}`)
  const summary = [
    'The work stopped before it was finished; this is what stood in the workspace then.',
    ...(steps.length > 0 ? [`How far it came:\n\n${steps.join('\n')}`] : []),
    ...(lastText.trim() ? [`Its last words:\n\n${quote(boundText(lastText.trim(), 2000))}`] : []),
  ]
  return {
    kind: 'partial',
    title: titleOf(task),
    summary: summary.join('\n\n'),
    reason: stop.reason,
    code: stop.code,
  }
}

function quote(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')
}
