import type { ResumedWorkspace } from '../agent.ts'
import { boundText } from '../tools/bound-text.ts'
import { quoteData } from './quote-data.ts'

const MAX_DIFF = 32 * 1024
const INTERRUPTED = 'The run was interrupted and goes on now.'
const LOOK = 'Look at git status and git diff before you go on.'
const REPLACED =
  'The sandbox was replaced: processes, and files outside of the workspace or ignored by git, are gone.'

const BEHIND = 'Later changes were too large to be kept and are missing: make them again.'

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
        ...(workspace.behind ? [BEHIND] : []),
        LOOK,
      ].join(' ')
    case 'not_restored':
      return [
        `${INTERRUPTED} ${REPLACED} Your changes could not be restored: the workspace is at the base commit. Make what is still needed again, then look at git diff.`,
        lostChanges(workspace.diff, nonce),
      ].join('\n')
  }
}

/**
 * What became of the changes of a run that another one goes on from. Ends a sentence about the workspace.
 *
 * @param workspace undefined: nothing was to be put there.
 */
export function carriedOverNote(workspace: ResumedWorkspace | undefined, nonce: string): string {
  switch (workspace?.kind) {
    case 'restored':
      return `with what that run changed: git diff shows it.${workspace.behind ? ` ${BEHIND}` : ''}`
    case 'not_restored':
      return `without what that run changed: it does not fit there any more. Make what is still needed again.\n${lostChanges(workspace.diff, nonce)}`
    case 'as_left':
    case undefined:
      return 'without what that run changed.'
  }
}

function lostChanges(diff: string, nonce: string): string {
  if (diff.trim() === '') return 'What you had changed was not kept as text.'
  const text = boundText(diff, MAX_DIFF)
  return `This is what you had changed:\n${quoteData({ source: 'the changes that were lost', text, nonce })}`
}
