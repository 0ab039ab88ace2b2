import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Entry, Transcript } from '../../models/transcript.ts'
import { forModel } from '../../text/hidden-characters.ts'
import type { AgentContext, CheckpointFacts, FollowUp } from '../agent.ts'

/**
 * Appends to the transcript of a run. Entries never change, and are stored in the background, so that the model and the
 * store do not wait for each other.
 */
export interface TranscriptWriter {
  readonly transcript: () => Transcript
  /**
   * Adds an entry and begins to store it. Wait for `stored` before carrying out a call that may change something.
   *
   * @param facts default: no file has changed.
   * @throws the error that kept an earlier entry from being stored.
   */
  readonly add: (entry: Entry, facts?: CheckpointFacts) => void
  /** Adds a note of the harness to the model, about limits for example. */
  readonly note: (text: string) => void
  /** Adds entries that belong together and waits until they are stored. A restart finds all of them or none. */
  readonly append: (entries: readonly Entry[], facts?: CheckpointFacts) => Promise<void>
  /**
   * Resolves when every entry is stored, so that a restart would continue from here.
   *
   * @throws the error that kept an entry from being stored.
   */
  readonly stored: () => Promise<void>
  /** Like `stored`, but the last few entries may still be in progress. They are lost if the process dies. */
  readonly nearlyStored: () => Promise<void>
  /** Resolves when no write is in progress, whether the last one succeeded or not. */
  readonly idle: () => Promise<void>
  /** Aborted with the error that kept an entry from being stored; nothing is stored after that. */
  readonly failed: AbortSignal
}

/** Entries, as many as three turns add. A turn takes seconds, so the loop hardly ever waits for the store. */
const MAX_UNDER_WAY = 6

export function createTranscriptWriter(
  start: Transcript,
  checkpoint: AgentContext['checkpoint'],
): TranscriptWriter {
  const failure = new AbortController()
  const waiting: { readonly transcript: Transcript; readonly facts: CheckpointFacts }[] = []
  let transcript = start
  let kept = start.entries.length
  let storing: Promise<void> | undefined

  async function store(): Promise<void> {
    try {
      // Lets the request or call that follows the entry start before the write does.
      await nextTurn()
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        await checkpoint(next.transcript, next.facts)
        kept = next.transcript.entries.length
      }
    } catch (error) {
      failure.abort(error)
    } finally {
      storing = undefined
    }
  }

  function addAll(entries: readonly Entry[], facts: CheckpointFacts = { mayHaveChanged: false }): void {
    failure.signal.throwIfAborted()
    transcript = { system: transcript.system, entries: [...transcript.entries, ...entries] }
    waiting.push({ transcript, facts })
    storing ??= store()
  }

  async function stored(): Promise<void> {
    await storing
    failure.signal.throwIfAborted()
  }

  const add: TranscriptWriter['add'] = (entry, facts) => addAll([entry], facts)
  return {
    transcript: () => transcript,
    add,
    note: (text) => add({ role: 'harness', parts: [{ type: 'text', text }] }),
    async append(entries, facts) {
      addAll(entries, facts)
      await stored()
    },
    stored,
    async nearlyStored() {
      if (transcript.entries.length - kept > MAX_UNDER_WAY) await stored()
    },
    async idle() {
      await storing
    },
    failed: failure.signal,
  }
}

/** Adds what people have said since the model's last turn, as one entry that is stored before the event is emitted. */
export async function takeFollowUps(
  { takeFollowUps: take, emit }: Pick<AgentContext, 'takeFollowUps' | 'emit'>,
  writer: TranscriptWriter,
): Promise<void> {
  const followUps = await take()
  if (followUps.length === 0) return
  await writer.append(
    [{ role: 'user', parts: followUps.map((followUp) => ({ type: 'text', text: followUpText(followUp) })) }],
    { mayHaveChanged: false, taken: followUps.map(({ id }) => id) },
  )
  for (const { author, text } of followUps) emit({ type: 'agent.note', author, text })
}

function followUpText({ author, text }: FollowUp): string {
  return `${author}, who has write access, adds to the request while you work on it:\n\n${forModel(text).trim()}`
}
