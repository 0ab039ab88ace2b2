import type { RunEvent } from '../../runs/run-event.ts'

interface Thought {
  /** A step of the run, `agent`, or `tool_<name>`. */
  readonly step: string
  /** One line about what happened: the message of the frame, never invented text. */
  readonly thought: string
}

/** Counts the timed steps of one run (lifecycle, model turns, tool calls) and keeps the last ten. */
export interface ThinkingLog {
  add(event: RunEvent, message: string): void
  count(): number
  recent(): readonly Thought[]
}

const KEPT = 10
const LONGEST = 300

export function createThinkingLog(): ThinkingLog {
  let count = 0
  let recent: readonly Thought[] = []
  return {
    add(event, message) {
      const step = stepOf(event)
      if (step === undefined) return
      count += 1
      recent = [...recent, { step, thought: firstLine(message) }].slice(-KEPT)
    },
    count: () => count,
    recent: () => recent,
  }
}

function stepOf(event: RunEvent): string | undefined {
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
    // The end of a tool call repeats its start. The other events concern the run, not a step of it.
    default:
      return undefined
  }
}

function firstLine(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? ''
  return line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed()}…` : line
}
