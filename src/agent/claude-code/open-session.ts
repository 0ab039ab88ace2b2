import type { HumanEntry, Transcript } from '../../models/transcript.ts'
import type { AgentContext, AgentTask } from '../agent.ts'
import { continueFrom } from '../builtin/continue-from.ts'
import { followUp } from '../builtin/open-transcript.ts'
import { entriesOfRun, firstMessage } from '../builtin/prompt.ts'
import { createTranscriptWriter, type TranscriptWriter } from '../builtin/transcript-writer.ts'
import { restoredChangesNote, resumeNote } from '../builtin/workspace-notes.ts'
import { lookAround } from '../look-around.ts'
import { withHistoryCommand } from './history-command.ts'
import { restoreRecord, type SessionFiles, sessionFiles } from './session-files.ts'
import { beginSession, type KeptSession, lastTextOf, sessionOf } from './session-transcript.ts'

/** A conversation with Claude Code that is about to begin or to continue. */
export interface OpenSession {
  /** A UUID. */
  readonly id: string
  readonly files: SessionFiles
  readonly writer: TranscriptWriter
  /** True when Claude Code can continue from its earlier record in the sandbox. */
  readonly resumes: boolean
  /** That record, as far as the run keeps it. */
  readonly record: string
  /** The first messages to Claude Code. */
  readonly first: readonly HumanEntry['parts'][]
}

/**
 * Begins a conversation, or continues the one of a transcript: that of the same run before a restart, or that of the run
 * which this run follows.
 *
 * @returns undefined when the conversation cannot be continued, because its record is not in the sandbox and was not kept.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function openSession(given: {
  readonly task: AgentTask
  readonly context: AgentContext
  readonly kept: KeptSession | undefined
  readonly nonce: string
  readonly date: Date
  readonly newId: () => string
}): Promise<OpenSession | undefined> {
  const { task, context, kept, nonce, newId } = given
  const start = newId()
  if (!kept || !context.resume || kept.record === '') return begin(given, start)
  const files = sessionFiles(context.sandbox, kept.id, start)
  const { workspace } = task
  const isThere = await restoreRecord(context.sandbox, { files, id: kept.id, workspace, record: kept.record })
  if (!isThere) return undefined
  const writer = createTranscriptWriter(context.resume, context.checkpoint)
  const state = context.workspaceState
  const text =
    entriesOfRun(context.resume, task).length > 0
      ? resumeNote(state ?? { kind: 'as_left' }, nonce)
      : followUp(task, restoredChangesNote(state, nonce))
  const parts = [{ type: 'text', text } as const, ...task.images]
  await writer.append([{ role: 'user', parts }])
  const first = [...unrecorded(context.resume), parts]
  return { id: kept.id, files, writer, resumes: true, record: kept.record ?? '', first }
}

async function begin(
  given: {
    readonly task: AgentTask
    readonly context: AgentContext
    readonly nonce: string
    readonly date: Date
    readonly newId: () => string
  },
  start: string,
): Promise<OpenSession> {
  const { context, nonce, date, newId } = given
  const { sandbox, signal, resume, workspaceState: state } = context
  const isOther = resume !== undefined && sessionOf(resume) === undefined
  const task = isOther
    ? continueFrom(given.task, { lastText: lastTextOf(resume), workspaceState: state, nonce })
    : given.task
  const surroundings = await lookAround(sandbox, { workspace: task.workspace, signal })
  signal.throwIfAborted()
  const id = newId()
  const writer = createTranscriptWriter(beginSession(id), context.checkpoint)
  const files = sessionFiles(sandbox, id, start)
  const told = withHistoryCommand(task, context, files)
  const { parts } = firstMessage({ task: told, surroundings, date, nonce })
  const note = state && !isOther ? [{ type: 'text', text: resumeNote(state, nonce) } as const] : []
  const message: HumanEntry = { role: 'user', parts: [...parts, ...note] }
  await writer.append([message])
  return {
    id,
    files,
    writer,
    resumes: false,
    record: '',
    first: [message.parts],
  }
}

/** What people added after the last recorded line of Claude Code, which may not have read it. */
function unrecorded({ entries }: Transcript): HumanEntry['parts'][] {
  const last = entries.findLastIndex((entry) => entry.role === 'harness' && entry.about === 'session')
  return entries.slice(last + 1).flatMap((entry) => (entry.role === 'user' ? [entry.parts] : []))
}
