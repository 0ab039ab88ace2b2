import { setTimeout as delay } from 'node:timers/promises'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { TranscriptWriter } from '../builtin/transcript-writer.ts'
import { readRecord, type SessionFiles } from './session-files.ts'
import { recordEntry } from './session-transcript.ts'

/** Stores Claude Code's own record of the conversation in the transcript, and with it a checkpoint of the changed files. */
export interface RecordKeeper {
  /** Says that there is something new to store. Returns at once. */
  readonly note: (facts: { readonly mayHaveChanged: boolean }) => void
  /** Stores what is new, and stops. */
  readonly close: () => Promise<void>
}

/** Milliseconds between two reads of the record; Claude Code works on meanwhile. */
const PAUSE_MS = 3000

/** @param given.kept the record so far. */
export function createRecordKeeper(given: {
  readonly sandbox: Sandbox
  readonly files: SessionFiles
  readonly id: string
  readonly kept: string
  readonly writer: Pick<TranscriptWriter, 'add' | 'stored'>
}): RecordKeeper {
  const { sandbox, files, id, kept, writer } = given
  const closed = new AbortController()
  let characters = kept.length
  let lines = countLines(kept)
  let news: { mayHaveChanged: boolean } | undefined
  let keeping: Promise<void> | undefined

  async function keepOnce(): Promise<void> {
    const facts = news ?? { mayHaveChanged: false }
    news = undefined
    const added = await readRecord(sandbox, { files, id, from: lines + 1 })
    if (added === '') return
    writer.add(recordEntry(added, characters), facts)
    characters += added.length
    lines += countLines(added)
    await writer.stored()
  }

  async function keep(): Promise<void> {
    try {
      while (news && !closed.signal.aborted) {
        await keepOnce()
        await delay(PAUSE_MS, undefined, { signal: closed.signal }).catch(() => {})
      }
    } catch {
      // Ignored here: a lost sandbox and a failing store are reported by the conversation.
    } finally {
      keeping = undefined
    }
  }

  return {
    note({ mayHaveChanged }) {
      news = { mayHaveChanged: mayHaveChanged || news?.mayHaveChanged === true }
      keeping ??= keep()
    },
    async close() {
      closed.abort()
      await keeping
      if (news) await keepOnce().catch(() => {})
    },
  }
}

function countLines(text: string): number {
  return text.split('\n').length - 1
}
