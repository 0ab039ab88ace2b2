import type { Entry, HarnessEntry, Transcript } from '../../models/transcript.ts'

/**
 * A conversation of Claude Code as a run keeps it: the messages that Backspace sent, and between them the lines of Claude
 * Code's own record, with which it continues elsewhere. Only Claude Code reads those; other agents get a description.
 */
export interface KeptSession {
  /** A UUID: its `--session-id`. */
  readonly id: string
  /** Its record, line by line; undefined when it grew too large to be kept. */
  readonly record: string | undefined
  /** What Claude said last, as far as it is known. */
  readonly lastText: string
}

const SYSTEM = /^Claude Code session ([0-9a-f-]{36})$/

/** Characters of a record; a longer one is not kept. */
const MAX_RECORD = 24 * 1024 * 1024

export function beginSession(id: string): Transcript {
  return { system: `Claude Code session ${id}`, entries: [] }
}

/** The session that a transcript holds; undefined when another agent wrote it. */
export function sessionOf({ system, entries }: Transcript): KeptSession | undefined {
  const id = SYSTEM.exec(system)?.[1]
  if (id === undefined) return undefined
  const texts = entries.filter(isRecord).map(textOf)
  const isWhole = !texts.includes(TOO_LARGE)
  return { id, record: isWhole ? texts.join('') : undefined, lastText: lastTextOf({ entries }) }
}

/** What a model said last to people; empty if it said nothing. */
export function lastTextOf({ entries }: Pick<Transcript, 'entries'>): string {
  return (
    entries
      .flatMap((entry) => (entry.role === 'assistant' ? [textOf(entry).trim()] : []))
      .findLast(Boolean) ?? ''
  )
}

/** @param kept characters of the record so far. */
export function recordEntry(lines: string, kept: number): HarnessEntry {
  const text = kept + lines.length > MAX_RECORD ? TOO_LARGE : lines
  return { role: 'harness', about: 'session', parts: [{ type: 'text', text }] }
}

/** Where more of the record would be of no use. */
const TOO_LARGE = '(too large to be kept)'

/** What Claude said, so that others know where it was. */
export function wordsEntry(text: string, model: string): Entry {
  const usage = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 }
  const origin = { provider: 'anthropic', model, responseId: '', stop: 'end', usage } as const
  return { role: 'assistant', parts: [{ type: 'text', text }], origin, native: null }
}

function isRecord(entry: Entry): boolean {
  return entry.role === 'harness' && entry.about === 'session'
}

function textOf({ parts }: Entry): string {
  return parts.map((part) => ('text' in part ? part.text : '')).join('')
}
