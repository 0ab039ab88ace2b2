import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Entry, Transcript } from '../../models/transcript.ts'
import { forModel } from '../../text/hidden-characters.ts'
import type { AgentContext, CheckpointFacts, PersonNote } from '../agent.ts'

/**
 * The transcript of a run as it grows. Nothing that stands in it is ever changed. It is stored behind: while the model
 * is asked, what it is asked about is being kept, so that neither waits for the other.
 */
export interface TranscriptWriter {
  readonly transcript: () => Transcript
  /**
   * Adds an entry, which is stored from now on. What comes of it must wait for `stored` before it changes anything.
   *
   * @param facts default: no file differs.
   * @throws what kept an earlier entry from being stored.
   */
  readonly add: (entry: Entry, facts?: CheckpointFacts) => void
  /** Adds a note of the harness: limits, nudges. */
  readonly note: (text: string) => void
  /** Adds entries that mean nothing without each other, and waits: a restart finds all of them or none. */
  readonly append: (entries: readonly Entry[], facts?: CheckpointFacts) => Promise<void>
  /**
   * Resolves when a restart would go on from here.
   *
   * @throws what kept an entry from being stored.
   */
  readonly stored: () => Promise<void>
  /** As `stored`, but lets the last few entries be under way: as much of a run may be lost with its process. */
  readonly nearlyStored: () => Promise<void>
  /** Resolves when nothing is being stored any more, whether that went well or not. */
  readonly idle: () => Promise<void>
  /** Aborted with what kept an entry from being stored: then nothing is stored any more. */
  readonly failed: AbortSignal
}

/** Three turns that only read. A model takes seconds for a turn, so that it is hardly ever waited for. */
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
      // What was added for the sake of a request or a call lets that go first.
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

/** Tells the model what people added since its last turn. All of it is one entry, kept before anybody hears of it. */
export async function hearNotes(
  { takeNotes, emit }: Pick<AgentContext, 'takeNotes' | 'emit'>,
  writer: TranscriptWriter,
): Promise<void> {
  const notes = await takeNotes()
  if (notes.length === 0) return
  await writer.append(
    [{ role: 'user', parts: notes.map((note) => ({ type: 'text', text: noteText(note) })) }],
    { mayHaveChanged: false, taken: notes.map(({ id }) => id) },
  )
  for (const { author, text } of notes) emit({ type: 'agent.note', author, text })
}

function noteText({ author, text }: PersonNote): string {
  return `${author}, who has write access, adds to the request while you work on it:\n\n${forModel(text).trim()}`
}
