import type { PlanItem } from '../../agent/agent-event.ts'
import type { OutboundOptions } from '../../text/markdown/outbound-inline.ts'
import { outboundItem } from '../../text/markdown/outbound-markdown.ts'
import { joinSafe, NOTHING, type SafeMarkdown, safeMarkdown } from '../../text/markdown/safe-markdown.ts'

const MOST_PLAN_ITEMS = 30

/** The agent's plan as a list of tasks: what is done is ticked, and what is under way has an hourglass. */
export function planList(items: readonly PlanItem[], options: OutboundOptions): SafeMarkdown {
  const lines = items.slice(0, MOST_PLAN_ITEMS).map((item) => planLine(item, options))
  const more = items.length - lines.length
  return joinSafe([...lines, more > 0 ? safeMarkdown`- … and ${more} more` : NOTHING], '\n')
}

function planLine({ text, status }: PlanItem, options: OutboundOptions): SafeMarkdown {
  const shown = outboundItem(text, options)
  switch (status) {
    case 'done':
      return safeMarkdown`- [x] ${shown}`
    case 'in_progress':
      return safeMarkdown`- [ ] ${shown} ⏳`
    case 'pending':
      return safeMarkdown`- [ ] ${shown}`
    case 'dropped':
      return safeMarkdown`- ${shown} (dropped)`
  }
}
