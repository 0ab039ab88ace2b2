import type { AgentContext, AgentTask } from '../agent.ts'
import { boundText } from '../tools/bounded-output.ts'
import { quoteData } from './quote-data.ts'
import { restoredChangesNote } from './workspace-notes.ts'

const MAX_WORDS = 4000

/**
 * The task of a run that continues the work of another agent. The other agent's calls would only mislead, since its tools
 * were different, so the new agent just reads its last words.
 *
 * @param given.nonce marks where the quoted words begin and end.
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
