import type { Entry, HarnessEntry, Transcript } from '../../models/transcript.ts'

/**
 * A conversation of Claude Code, read from a stored transcript. The transcript holds the messages that Backspace sent and,
 * between them, lines of Claude Code's own record, from which Claude Code can continue in another sandbox. Other agents
 * cannot read the record; they get a description of the work.
 */
export interface KeptSession {
  /** The UUID that Claude Code got as `--session-id`. */
  readonly id: string
  /** Claude Code's record; undefined when it became too large to keep. */
  readonly record: string | undefined
  /** Claude's last text; empty when none is known. */
  readonly lastText: string
}

const SYSTEM = /^Claude Code session ([0-9a-f-]{36})$/

/** Characters; a longer record is not kept. */
const MAX_RECORD = 24 * 1024 * 1024

export function beginSession(id: string): Transcript {
  return { system: `Claude Code session ${id}`, entries: [] }
}

/** The session of a transcript; undefined when another agent wrote the transcript. */
export function sessionOf({ system, entries }: Transcript): KeptSession | undefined {
  const id = SYSTEM.exec(system)?.[1]
  if (id === undefined) return undefined
  const texts = entries.filter(isRecord).map(textOf)
  const isWhole = !texts.includes(TOO_LARGE)
  return { id, record: isWhole ? texts.join('') : undefined, lastText: lastTextOf({ entries }) }
}

/** The model's last text; empty when it said nothing. */
export function lastTextOf({ entries }: Pick<Transcript, 'entries'>): string {
  return (
    entries
      .flatMap((entry) => (entry.role === 'assistant' ? [textOf(entry).trim()] : []))
      .findLast(Boolean) ?? ''
  )
}

/** Makes the entry for new lines of the record. @param kept how many characters of the record are stored so far. */
export function recordEntry(lines: string, kept: number): HarnessEntry {
  const text = kept + lines.length > MAX_RECORD ? TOO_LARGE : lines
  return { role: 'harness', about: 'session', parts: [{ type: 'text', text }] }
}

/** Replaces lines of a record that has become too large. */
const TOO_LARGE = '(too large to be kept)'

/** Makes the entry for a text of Claude, from which other agents learn about the work. */
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
