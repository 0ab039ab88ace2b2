import { isTerminalEvent, type RunEvent } from '../run-event.ts'
import { type ChecksState, foldChecks, judgeStep, NO_CHECKS } from './run-state.ts'
import { sentenceOf } from './sentences.ts'

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>

/** One entry of the run page's activity. */
export type TimelineItem = {
  /** Stays the same when the item changes: `e12`, for the event that it began with. */
  readonly id: string
  /** The last event that changed it. */
  readonly seq: number
  /** When it began, ISO 8601. */
  readonly at: string
} & (
  | { readonly kind: 'line'; readonly level: 'info' | 'warning'; readonly text: string }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'turn'; readonly text: string }
  | { readonly kind: 'step'; readonly step: EventOf<'step.finished'> }
  | {
      readonly kind: 'tool'
      readonly title: string
      readonly finished: EventOf<'tool.finished'> | undefined
      readonly interrupted: boolean
    }
)

type Body = TimelineItem extends infer Item
  ? Item extends unknown
    ? Omit<Item, 'id' | 'seq' | 'at'>
    : never
  : never

/** Orders what happened by when it began; a tool call is one item, from its start to its end. */
export function createTimeline(events: readonly RunEvent[]): readonly TimelineItem[] {
  const items = new Map<string, TimelineItem>()
  const running = new Map<string, string>()
  let checks = NO_CHECKS
  const add = (event: RunEvent, body: Body) => {
    const id = `e${event.seq}`
    items.set(id, { id, seq: event.seq, at: event.at, ...body })
    return id
  }
  const interrupt = ({ seq }: RunEvent) => {
    for (const id of running.values()) {
      const item = items.get(id)
      if (item?.kind === 'tool') items.set(id, { ...item, seq, interrupted: true })
    }
    running.clear()
  }
  for (const event of events) {
    if (event.type === 'tool.started') {
      running.set(
        event.callId,
        add(event, { kind: 'tool', title: event.title, finished: undefined, interrupted: false }),
      )
    } else if (event.type === 'tool.finished') {
      const begun = items.get(running.get(event.callId) ?? '')
      running.delete(event.callId)
      const body = { kind: 'tool', title: event.title, finished: event, interrupted: false } as const
      if (begun) items.set(begun.id, { ...begun, ...body, seq: event.seq })
      else add(event, body)
    } else {
      // No tool outlives the attempt that started it.
      if (event.type === 'run.started' || isTerminalEvent(event)) interrupt(event)
      checks = foldChecks(checks, event)
      const body = readBody(event, checks)
      if (body) add(event, body)
    }
  }
  return [...items.values()]
}

/** Undefined for what has its own place on the page. */
function readBody(event: RunEvent, checks: ChecksState): Body | undefined {
  switch (event.type) {
    case 'agent.message':
      return { kind: 'message', text: event.text }
    case 'agent.note':
      return { kind: 'line', level: 'info', text: sentenceOf(event) }
    case 'model.turn':
      return { kind: 'turn', text: sentenceOf(event) }
    case 'step.finished':
      return { kind: 'step', step: judgeStep(event, checks) }
    case 'notice':
    case 'agent.notice':
      return { kind: 'line', level: event.level, text: sentenceOf(event) }
    case 'context.compacted':
    case 'finish.reviewed':
      return { kind: 'line', level: 'info', text: sentenceOf(event) }
    case 'run.started':
      return event.attempt > 1 ? { kind: 'line', level: 'warning', text: sentenceOf(event) } : undefined
    case 'run.paused':
    case 'model.retried':
    case 'model.switched':
      return { kind: 'line', level: 'warning', text: sentenceOf(event) }
    default:
      return undefined
  }
}
