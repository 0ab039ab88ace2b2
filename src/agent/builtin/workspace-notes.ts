import type { ResumedWorkspace } from '../agent.ts'
import { boundText } from '../tools/bounded-output.ts'
import { quoteData } from './quote-data.ts'

const MAX_DIFF = 32 * 1024
const INTERRUPTED = 'The run was interrupted and goes on now.'
const LOOK = 'Look at git status and git diff before you go on.'
const REPLACED =
  'The sandbox was replaced: processes, and files outside the workspace or ignored by git, are gone.'

const BEHIND = 'Later changes were too large to be kept and are missing: make them again.'

/**
 * Tells a model what it must know before it continues an interrupted run.
 *
 * @param nonce marks where the quoted diff begins and ends, since outsiders may have written some of its text.
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
 * Says what happened to the changes of the run that this run continues, as the end of a sentence about the workspace.
 *
 * @param workspace undefined when there were no changes to restore.
 */
export function restoredChangesNote(workspace: ResumedWorkspace | undefined, nonce: string): string {
  switch (workspace?.kind) {
    case 'restored':
      return `with what that run changed: git diff shows it.${workspace.behind ? ` ${BEHIND}` : ''}`
    case 'not_restored':
      return `without what that run changed: it no longer applies there. Make what is still needed again.\n${lostChanges(workspace.diff, nonce)}`
    case 'as_left':
    case undefined:
      return 'without what that run changed.'
  }
}

function lostChanges(diff: string, nonce: string): string {
  if (diff.trim() === '') return 'Your earlier changes were not kept as text.'
  const text = boundText(diff, MAX_DIFF)
  return `These were your changes:\n${quoteData({ source: 'the changes that were lost', text, nonce, isFileText: true })}`
}
