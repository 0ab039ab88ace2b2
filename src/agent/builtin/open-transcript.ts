import type { Entry, Transcript } from '../../models/transcript.ts'
import type { AgentContext, AgentTask } from '../agent.ts'
import { lookAround } from '../look-around.ts'
import { readWorkspaceState, type WorkspaceState } from '../workspace-state.ts'
import { firstMessage, request, runMarker } from './first-message.ts'
import { repairTranscript } from './repair-transcript.ts'
import { carriedOverNote, resumeNote } from './resume-note.ts'
import { SYSTEM_PROMPT } from './system-prompt.ts'
import { createTranscriptWriter, type TranscriptWriter } from './transcript-writer.ts'

/** Where the loop starts: a transcript that a model can answer, and how the workspace was found. */
export interface OpenedTranscript {
  readonly writer: TranscriptWriter
  /** Undefined when git could not say. */
  readonly found: WorkspaceState | undefined
}

/**
 * Begins a transcript with the first message, or goes on with a stored one: the same run after a restart, or a
 * follow-up run with a further request.
 *
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function openTranscript(given: {
  readonly task: AgentTask
  readonly context: AgentContext
  readonly date: Date
  readonly nonce: string
}): Promise<OpenedTranscript> {
  const { task, context } = given
  if (context.resume && context.resume.entries.length > 0) return reopen(context.resume, given)
  const { workspace } = task
  const { sandbox, signal } = context
  const surroundings = await lookAround(sandbox, { workspace, signal })
  const found = await readWorkspaceState(sandbox, workspace)
  signal.throwIfAborted()
  const writer = createTranscriptWriter({ system: SYSTEM_PROMPT, entries: [] }, context.checkpoint)
  await writer.append([firstMessage({ ...given, surroundings })])
  return { writer, found }
}

async function reopen(
  stored: Transcript,
  {
    task,
    context,
    nonce,
  }: { readonly task: AgentTask; readonly context: AgentContext; readonly nonce: string },
): Promise<OpenedTranscript> {
  const writer = createTranscriptWriter(repairTranscript(stored), context.checkpoint)
  if (isOfThisRun(stored, task)) {
    const text = resumeNote(context.workspaceState ?? { kind: 'as_left' }, nonce)
    await writer.append([{ role: 'harness', parts: [{ type: 'text', text }] }])
    return { writer, found: atBase(task) }
  }
  const { workspaceState: state } = context
  const text = followUp(task, carriedOverNote(state, nonce))
  await writer.append([{ role: 'user', parts: [{ type: 'text', text }, ...task.images] }])
  // What was carried over counts as this run's change.
  if (state?.kind === 'restored') return { writer, found: atBase(task) }
  return { writer, found: await readWorkspaceState(context.sandbox, task.workspace) }
}

function atBase({ baseSha }: AgentTask): WorkspaceState {
  return { head: baseSha, changes: '' }
}

/** @param files what became of the changes of the run before: ends the sentence, and may add to it. */
function followUp(task: AgentTask, files: string): string {
  return [
    `${runMarker(task)}\nThis is a new run that goes on from the one above, in a new sandbox: its workspace is ${task.workspace} at ${task.baseSha}, ${files}`,
    `${task.plan ? '' : 'The tools of this run may change files. '}Read a file again before you rely on what you saw of it.`,
    request(task),
  ].join('\n\n')
}

function isOfThisRun({ entries }: Transcript, task: AgentTask): boolean {
  return entries.some((entry) => holdsLine(entry, runMarker(task)))
}

function holdsLine(entry: Entry, line: string): boolean {
  if (entry.role !== 'user') return false
  return entry.parts.some((part) => part.type === 'text' && part.text.split('\n').includes(line))
}
