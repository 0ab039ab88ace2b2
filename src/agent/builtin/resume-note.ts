import type { ResumedWorkspace } from '../agent.ts'
import { boundText } from '../tools/bound-text.ts'
import { quoteData } from './quote-data.ts'

const MAX_DIFF = 32 * 1024
const INTERRUPTED = 'The run was interrupted and goes on now.'
const LOOK = 'Look at git status and git diff before you go on.'
const REPLACED =
  'The sandbox was replaced: processes, and files outside of the workspace or ignored by git, are gone.'

/**
 * What a model must know before it goes on with an interrupted run.
 *
 * @param nonce marks where the quoted diff starts and ends: it holds text that others may have written.
 */
export function resumeNote(workspace: ResumedWorkspace, nonce: string): string {
  switch (workspace.kind) {
    case 'as_left':
      return `${INTERRUPTED} Files are as they were left; processes are gone. ${LOOK}`
    case 'restored':
      return [
        INTERRUPTED,
        REPLACED,
        'Your changes were restored as of the last checkpoint; dependencies were installed again.',
        ...(workspace.behind
          ? ['Later changes were too large to be kept and are missing: make them again.']
          : []),
        LOOK,
      ].join(' ')
    case 'not_restored':
      return [
        `${INTERRUPTED} ${REPLACED} Your changes could not be restored: the workspace is at the base commit. Make what is still needed again, then look at git diff.`,
        workspace.diff.trim() === ''
          ? 'What you had changed was not kept as text.'
          : `This is what you had changed:\n${quoteData({ source: 'the changes that were lost', text: boundText(workspace.diff, MAX_DIFF), nonce })}`,
      ].join('\n')
  }
}
