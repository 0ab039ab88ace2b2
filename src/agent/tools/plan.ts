import { z } from 'zod'
import type { PlanItem } from '../agent-event.ts'
import { defineTool } from './tool.ts'

interface PlanArgs {
  readonly items: readonly PlanItem[]
}

const item = z.strictObject({
  text: z.string().min(1).max(300).describe('One step, at most 160 characters'),
  status: z.enum(['pending', 'in_progress', 'done', 'dropped']),
})

export const plan = defineTool<PlanArgs>({
  name: 'plan',
  description:
    'Sets the list of steps that people watch while you work: the whole list each time, at most 20. Use it when ' +
    'the work has more than two steps, and keep the statuses true.',
  args: z.strictObject({ items: z.array(item).min(1).max(20) }),
  aliases: { todos: 'items', steps: 'items' },
  title: ({ items }) => `${items.filter(({ status }) => status === 'done').length}/${items.length} done`,
  async run({ items }, { onPlan }) {
    const bounded = items.map(({ text, status }) => ({
      text: text.replaceAll(/\s+/g, ' ').trim(),
      status,
    }))
    onPlan(bounded)
    return { status: 'ok', text: 'ok', detail: { kind: 'other', text: `${items.length} steps` } }
  },
})
