import {
  type AssistantEntry,
  callsOf,
  type Entry,
  type ToolResultPart,
  type Transcript,
} from '../../models/transcript.ts'
import type { AgentContext, AgentTask } from '../agent.ts'
import { sessionOf } from '../claude-code/session-transcript.ts'
import { lookAround, readWorkspaceState, type WorkspaceState } from '../look-around.ts'
import { SYSTEM_PROMPT } from '../system-prompt.ts'
import { continueFrom } from './continue-from.ts'
import { entriesOfRun, firstMessage, mergeSection, request, runMarker } from './prompt.ts'
import { createTranscriptWriter, type TranscriptWriter } from './transcript-writer.ts'
import { restoredChangesNote, resumeNote } from './workspace-notes.ts'

/** What the loop starts with: a transcript that a model can answer, and the state of the workspace. */
interface OpenedTranscript {
  readonly writer: TranscriptWriter
  /** Undefined when git failed, or when the host itself knows what changed. */
  readonly found: WorkspaceState | undefined
}

/**
 * Begins a transcript with the first message, or continues a stored one: the same run after a restart, or a
 * follow-up run with a new request.
 *
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function openTranscript(given: {
  readonly task: AgentTask
  readonly context: AgentContext
  readonly date: Date
  readonly nonce: string
}): Promise<OpenedTranscript> {
  const { context, nonce } = given
  const { resume, workspaceState } = context
  const session = resume && sessionOf(resume)
  if (resume && !session && resume.entries.length > 0) return reopen(resume, given)
  const task = session
    ? continueFrom(given.task, { lastText: session.lastText, workspaceState, nonce })
    : given.task
  const { workspace } = task
  const { sandbox, signal } = context
  const surroundings = await lookAround(sandbox, { workspace, signal })
  const found = context.hasChanged ? undefined : await readWorkspaceState(sandbox, workspace)
  signal.throwIfAborted()
  const writer = createTranscriptWriter({ system: SYSTEM_PROMPT, entries: [] }, context.checkpoint)
  await writer.append([firstMessage({ ...given, task, surroundings })])
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
  if (entriesOfRun(stored, task).length > 0) {
    const text = resumeNote(context.workspaceState ?? { kind: 'as_left' }, nonce)
    await writer.append([{ role: 'harness', parts: [{ type: 'text', text }] }])
    return { writer, found: atBase(task) }
  }
  const { workspaceState: state } = context
  const text = [...mergeSection(task, nonce), followUp(task, restoredChangesNote(state, nonce))].join('\n\n')
  await writer.append([{ role: 'user', parts: [{ type: 'text', text }, ...task.images] }])
  // Restored changes count as changes of this run.
  if (state?.kind === 'restored') return { writer, found: atBase(task) }
  const found = context.hasChanged ? undefined : await readWorkspaceState(context.sandbox, task.workspace)
  return { writer, found }
}

function atBase({ baseSha }: AgentTask): WorkspaceState {
  return { head: baseSha, changes: '' }
}

/** @param files what happened to the changes of the earlier run, as the end of a sentence; more sentences may follow. */
export function followUp(task: AgentTask, files: string): string {
  return [
    `${runMarker(task)}\nThis is a new run that goes on from the one above, in a new sandbox: its workspace is ${task.workspace} at ${task.baseSha}, ${files}`,
    `${task.plan ? '' : 'The tools of this run may change files. '}Read a file again before you rely on what you saw earlier.`,
    request(task),
  ].join('\n\n')
}

const INTERRUPTED_CALL =
  'Interrupted: the run stopped while this was in progress. It may have taken effect in part, or not at all. ' +
  'Look before you do it again.'

/**
 * Gives every call without a result an `interrupted` result: a stored transcript may end between the two, and providers
 * refuse a call without a result. A transcript that lacks no result comes back with equal entries.
 */
export function repairTranscript(stored: Transcript): Transcript {
  const entries: Entry[] = []
  for (const [index, entry] of stored.entries.entries()) {
    if (entry.role === 'tool' && stored.entries[index - 1]?.role === 'assistant') continue
    entries.push(entry)
    if (entry.role !== 'assistant') continue
    const next = stored.entries[index + 1]
    const results = completeResults(entry, next?.role === 'tool' ? next.parts : [])
    if (results.length > 0) entries.push({ role: 'tool', parts: results })
  }
  return { system: stored.system, entries }
}

function completeResults(entry: AssistantEntry, given: readonly ToolResultPart[]): ToolResultPart[] {
  return callsOf(entry).map(({ id }): ToolResultPart => {
    const result = given.find(({ callId }) => callId === id)
    return result ?? { type: 'tool_result', callId: id, status: 'interrupted', text: INTERRUPTED_CALL }
  })
}
