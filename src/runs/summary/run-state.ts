import { isTerminalEvent, type RunEvent, STEPS, type Step } from '../run-event.ts'
import { sentenceOf } from './sentences.ts'
import { createTimeline, type TimelineItem } from './timeline.ts'

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>

/** What the run page shows, folded from the run's events. */
export interface RunSummary {
  readonly lastSeq: number
  readonly ended: boolean
  /** True when only its first and its last event are still kept. */
  readonly pruned: boolean
  readonly steps: readonly StepState[]
  readonly plan: EventOf<'agent.plan'>['items']
  readonly checks: readonly EventOf<'checks.finished'>[]
  readonly changes: EventOf<'changes.collected'> | undefined
  readonly timeline: readonly TimelineItem[]
  /** What is going on, in one line. */
  readonly now: string
  readonly turns: number
  readonly toolCalls: number
  /** Dollars so far; null as soon as one price is not known. */
  readonly costUsd: number | null
  /** Models that answered, in order of first use. */
  readonly models: readonly string[]
}

export interface StepState {
  readonly step: Step
  readonly state: 'waiting' | 'running' | 'ok' | 'failed' | 'skipped' | 'interrupted' | 'not_reached'
  readonly message: string
  readonly startedAt: string | undefined
  readonly durationMs: number | undefined
}

export function summarizeRun(events: readonly RunEvent[]): RunSummary {
  const ofType = <Type extends RunEvent['type']>(type: Type) =>
    events.filter((event): event is EventOf<Type> => event.type === type)
  const turns = ofType('model.turn')
  const ended = events.some(isTerminalEvent)
  const ending = events.findLast(isTerminalEvent)
  const steps = readSteps(events, ending?.type)
  return {
    lastSeq: events.at(-1)?.seq ?? 0,
    ended,
    pruned: ended && events.length < (events.at(-1)?.seq ?? 0),
    steps,
    plan: ofType('agent.plan').at(-1)?.items ?? [],
    checks: (['before', 'after'] as const).flatMap(
      (phase) => ofType('checks.finished').findLast((event) => event.phase === phase) ?? [],
    ),
    changes: ofType('changes.collected').at(-1),
    timeline: createTimeline(events),
    now: currentLine(events, steps),
    turns: turns.length,
    toolCalls: ofType('tool.finished').length,
    costUsd: ending ? ending.totals.costUsd : sumCosts(turns),
    models: [...new Set(turns.map(({ model }) => model))],
  }
}

const NOT_BEGUN = { message: '', startedAt: undefined, durationMs: undefined } as const

function readSteps(events: readonly RunEvent[], ending: RunEvent['type'] | undefined): readonly StepState[] {
  const states = new Map<Step, StepState>()
  for (const event of events) {
    if (event.type === 'step.started') {
      const { step, message, at } = event
      states.set(step, { step, state: 'running', message, startedAt: at, durationMs: undefined })
    } else if (event.type === 'step.finished') {
      const { step, message, status, durationMs } = event
      states.set(step, { step, state: status, message, startedAt: undefined, durationMs })
    }
  }
  return STEPS.map((step) => {
    const state = states.get(step)
    if (!state) return { ...NOT_BEGUN, step, state: ending ? 'not_reached' : 'waiting' }
    if (!ending || state.state !== 'running') return state
    // The step that was under way is where a failed run failed.
    return { ...state, state: ending === 'run.failed' ? 'failed' : 'interrupted', startedAt: undefined }
  })
}

function currentLine(events: readonly RunEvent[], steps: readonly StepState[]): string {
  const last = events.findLast(({ type }) => type === 'tool.started' || type === 'tool.finished')
  const step = steps.find(({ state }) => state === 'running')
  if (step?.step === 'agent') return last && 'title' in last ? last.title : step.message
  if (step) return step.message
  const queued = events.find((event) => event.type === 'run.queued')
  const started = events.some((event) => event.type === 'run.started')
  if (!queued || started) return ''
  return sentenceOf(queued)
}

function sumCosts(turns: readonly EventOf<'model.turn'>[]): number | null {
  return turns.reduce<number | null>(
    (sum, { costUsd }) => (sum === null || costUsd === null ? null : sum + costUsd),
    0,
  )
}
