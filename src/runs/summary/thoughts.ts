import type { RunEvent, RunEventBody } from '../run-event.ts'
import { sentenceOf } from './sentences.ts'

interface Thought {
  /** The name of a step of the run, `agent`, or `tool_<name>`. */
  readonly step: string
  /** One line about what really happened; never invented. */
  readonly thought: string
}

/** The timed steps of a run (its own steps, model turns, tool calls): their number, and the last ten. */
export interface Thoughts {
  readonly count: number
  readonly recent: readonly Thought[]
}

export const NO_THOUGHTS: Thoughts = { count: 0, recent: [] }

const KEPT = 10
const LONGEST = 300

/** Adds one event. The end of a step must have gone through `judgeStep`. */
export function foldThoughts(thoughts: Thoughts, event: RunEvent): Thoughts {
  const step = stepOf(event)
  if (step === undefined) return thoughts
  const thought = { step, thought: firstLine(sentenceOf(event)) }
  return { count: thoughts.count + 1, recent: [...thoughts.recent, thought].slice(-KEPT) }
}

function stepOf(event: RunEventBody): string | undefined {
  switch (event.type) {
    case 'run.queued':
      return 'queued'
    case 'run.started':
      return 'claimed'
    case 'step.started':
    case 'step.finished':
      return event.step
    case 'checks.finished':
      return event.phase === 'before' ? 'baseline' : 'checks'
    case 'verification.finished':
      return 'verify'
    case 'changes.collected':
      return 'collect'
    case 'agent.message':
    case 'agent.plan':
    case 'model.turn':
    case 'model.switched':
    case 'finish.reviewed':
      return 'agent'
    case 'tool.finished':
      return `tool_${event.tool}`
    // The end of a tool call repeats its start, and the other events are about the run, not about a step.
    default:
      return undefined
  }
}

function firstLine(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? ''
  return line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed()}…` : line
}
