import { isTerminalEvent, type RunEvent, type Step } from '../../run-event.ts'
import { type ChecksState, foldChecks, judgeStep } from '../run-state.ts'
import { sentenceOf } from '../sentences.ts'
import type { EntryBody, LineBody, StepBody, StoryEntry, TurnBody, TurnPart } from './story-entry.ts'

interface EntryContext {
  /** The checks of the run so far, for a step whose results came before the step. */
  readonly checks: ChecksState
  /** Whether the attempt that began the entry has ended. */
  readonly interrupted: boolean
  /** See `EntryOutline`. */
  readonly over?: boolean | undefined
}

/** Builds one entry of the story from the events that belong to it, in order. */
export function buildEntry(
  events: readonly RunEvent[],
  { checks, interrupted, over = false }: EntryContext,
): StoryEntry | undefined {
  const [first, ...rest] = events
  if (first === undefined) return undefined
  let own = foldChecks(checks, first)
  let body = startBody(first, own)
  for (const event of rest) {
    own = foldChecks(own, event)
    body = addToBody(body, event, own)
  }
  const last = events.at(-1)?.seq ?? first.seq
  return {
    id: first.seq,
    last,
    at: first.at,
    body: interrupted
      ? interruptBody(body)
      : over && body.kind === 'step'
        ? { ...body, state: 'noted' }
        : body,
  }
}

function startBody(event: RunEvent, checks: ChecksState): EntryBody {
  const step = stepOfEvent(event)
  if (step !== undefined) {
    const begun: StepBody = { kind: 'step', step, state: 'noted', text: '', durationMs: null }
    return withStepEvent(begun, event, checks)
  }
  switch (event.type) {
    case 'model.turn':
      return { kind: 'turn', turn: event, parts: [] }
    case 'agent.message':
    case 'agent.plan':
    case 'tool.started':
    case 'tool.finished':
      return withPart({ kind: 'turn', turn: null, parts: [] }, event)
    default:
      return lineOf(event)
  }
}

function addToBody(body: EntryBody, event: RunEvent, checks: ChecksState): EntryBody {
  switch (body.kind) {
    case 'step':
      return withStepEvent(body, event, checks)
    case 'turn':
      return event.type === 'model.turn' ? { ...body, turn: event } : withPart(body, event)
    case 'line':
      return body
  }
}

function withStepEvent(body: StepBody, event: RunEvent, checks: ChecksState): StepBody {
  switch (event.type) {
    case 'step.started':
      return { ...body, state: 'running', text: event.message }
    case 'step.finished': {
      const judged = judgeStep(event, checks)
      return { ...body, state: judged.status, text: sentenceOf(judged), durationMs: judged.durationMs }
    }
    default:
      return { ...body, text: sentenceOf(event) }
  }
}

function withPart(body: TurnBody, event: RunEvent): TurnBody {
  const add = (part: TurnPart): TurnBody => ({ ...body, parts: [...body.parts, part] })
  const { seq } = event
  switch (event.type) {
    case 'agent.message':
      return add({ kind: 'words', seq, text: event.text })
    case 'agent.plan':
      return add({ kind: 'plan', seq, text: sentenceOf(event) })
    case 'tool.started':
      return add({
        kind: 'tool',
        seq,
        title: event.title,
        finished: null,
        interrupted: false,
        callId: event.callId,
      })
    case 'tool.finished': {
      const { callId, title } = event
      const isBegun = (part: TurnPart) =>
        part.kind === 'tool' && part.callId === callId && part.finished === null
      if (!body.parts.some(isBegun))
        return add({ kind: 'tool', seq, title, finished: event, interrupted: false, callId })
      const parts = body.parts.map((part) =>
        part.kind === 'tool' && isBegun(part) ? { ...part, title, finished: event } : part,
      )
      return { ...body, parts }
    }
    default:
      return body
  }
}

function interruptBody(body: EntryBody): EntryBody {
  if (body.kind === 'step') return body.state === 'running' ? { ...body, state: 'interrupted' } : body
  if (body.kind === 'line') return body
  const parts = body.parts.map((part) =>
    part.kind === 'tool' && part.finished === null ? { ...part, interrupted: true } : part,
  )
  return { ...body, parts }
}

/** The step that an event starts, ends, or has results for; undefined for other events. */
export function stepOfEvent(event: RunEvent): Step | undefined {
  switch (event.type) {
    case 'step.started':
    case 'step.finished':
      return event.step
    case 'setup.finished':
      return 'setup'
    case 'checks.finished':
      return event.phase === 'before' ? 'baseline' : 'checks'
    case 'changes.collected':
      return 'collect'
    case 'verification.finished':
      return 'verify'
    default:
      return undefined
  }
}

function lineOf(event: RunEvent): LineBody {
  const prose = event.type === 'agent.note' || isTerminalEvent(event)
  return { kind: 'line', level: levelOf(event), text: sentenceOf(event), prose }
}

function levelOf(event: RunEvent): LineBody['level'] {
  switch (event.type) {
    case 'notice':
    case 'agent.notice':
      return event.level
    case 'run.started':
      return event.attempt > 1 ? 'warning' : 'info'
    case 'run.paused':
    case 'model.retried':
    case 'model.switched':
    case 'run.cancelled':
      return 'warning'
    case 'run.succeeded':
      return 'good'
    case 'run.failed':
      return 'bad'
    default:
      return 'info'
  }
}
