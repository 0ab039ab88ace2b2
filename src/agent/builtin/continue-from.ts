import type { AgentContext, AgentTask } from '../agent.ts'
import { boundText } from '../tools/bounded-output.ts'
import { quoteData } from './quote-data.ts'
import { restoredChangesNote } from './workspace-notes.ts'

const MAX_WORDS = 4000

/**
 * The task of a run that goes on where another agent was. What that agent was shown and called is of no use: its tools were
 * others. What it said last is.
 *
 * @param given.nonce marks where its words begin and end.
 */
export function continueFrom(
  task: AgentTask,
  given: {
    readonly lastText: string
    readonly workspaceState: AgentContext['workspaceState']
    readonly nonce: string
  },
): AgentTask {
  const { lastText, workspaceState, nonce } = given
  const text = boundText(lastText.trim(), MAX_WORDS)
  const said = text === '' ? [] : [`It said last:\n${quoteData({ source: 'the other agent', text, nonce })}`]
  const earlier = [
    ...(task.earlier ? [task.earlier] : []),
    'Another agent worked on it.',
    ...said,
    `The workspace comes ${restoredChangesNote(workspaceState, nonce)}`,
  ].join('\n')
  return { ...task, earlier }
}
