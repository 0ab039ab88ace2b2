import type { BareOutcome } from '../agent.ts'
import type { PlanItem } from '../agent-event.ts'
import { boundText } from '../tools/bounded-output.ts'
import type { Stop } from './stuck-detector.ts'

/**
 * The outcome of a run that was stopped before the model finished. Its files are kept, and nothing is claimed about them.
 *
 * @param given.title a title made from the request.
 * @param given.lastText the model's last words; empty when it said nothing.
 */
export function stoppedOutcome(given: {
  readonly title: string
  readonly stop: Stop
  readonly plan: readonly PlanItem[]
  readonly lastText: string
}): BareOutcome {
  const { title, stop, plan, lastText } = given
  const steps = plan.map(({ text, status }) => `- [${status === 'done' ? 'x' : ' '}] ${text}`)
  const summary = [
    'The work stopped before it was finished. This change holds what was in the workspace then.',
    ...(steps.length > 0 ? [`Steps so far:\n\n${steps.join('\n')}`] : []),
    ...(lastText.trim() ? [`Its last message:\n\n${quote(boundText(lastText.trim(), 2000))}`] : []),
  ]
  return { kind: 'partial', title, summary: summary.join('\n\n'), reason: stop.reason, code: stop.code }
}

function quote(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')
}
