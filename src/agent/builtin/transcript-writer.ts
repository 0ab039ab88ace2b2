import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Entry, Transcript } from '../../models/transcript.ts'
import { forModel } from '../../text/hidden-characters.ts'
import type { AgentContext, CheckpointFacts, FollowUp } from '../agent.ts'

/**
 * The transcript of a run as it grows. Entries never change. They are stored in the background while the model
 * answers, so that neither waits for the other.
 */
export interface TranscriptWriter {
  readonly transcript: () => Transcript
  /**
   * Adds an entry and begins to store it. A call that may change something must wait for `stored` first.
   *
   * @param facts default: no file differs.
   * @throws the error that kept an earlier entry from being stored.
   */
  readonly add: (entry: Entry, facts?: CheckpointFacts) => void
  /** Adds a note of the harness: limits, nudges. */
  readonly note: (text: string) => void
  /** Adds entries that belong together, and waits: a restart finds all of them or none. */
  readonly append: (entries: readonly Entry[], facts?: CheckpointFacts) => Promise<void>
  /**
   * Resolves when a restart would go on from here.
   *
   * @throws the error that kept an entry from being stored.
   */
  readonly stored: () => Promise<void>
  /** As `stored`, but the last few entries may still be under way: that much of a run may be lost with its process. */
  readonly nearlyStored: () => Promise<void>
  /** Resolves when no write is under way, whether it succeeded or not. */
  readonly idle: () => Promise<void>
  /** Aborted with the error that kept an entry from being stored: from then on nothing is stored. */
  readonly failed: AbortSignal
}

/** Three turns that only read. A turn takes seconds, so the loop hardly ever waits for the store. */
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
      // The request or call for which the entry was added goes out first.
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

/** Shows the model what people added since its last turn. All of it is one entry, stored before the event is sent. */
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
