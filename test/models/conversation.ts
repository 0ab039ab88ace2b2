import type { RespondOptions, ToolSchema, Turn } from '../../src/models/model.ts'
import type { Entry, ToolResultPart, Transcript } from '../../src/models/transcript.ts'

/** Two tools of the kinds that matter on the wire: flat with optional properties, and nested. */
export const TOOLS: readonly ToolSchema[] = [
  {
    name: 'bash',
    description: 'Runs a command.',
    inputSchema: {
      type: 'object',
      properties: {
        command: { type: 'string', minLength: 1, description: 'What to run.' },
        timeout_s: { type: 'integer', minimum: 1, maximum: 600 },
        mode: { type: 'string', enum: ['quiet', 'loud'] },
      },
      required: ['command'],
      additionalProperties: false,
    },
  },
  {
    name: 'edit',
    description: 'Changes a file.',
    inputSchema: {
      type: 'object',
      properties: {
        file_path: { type: 'string' },
        edits: {
          type: 'array',
          minItems: 1,
          items: {
            type: 'object',
            properties: {
              old_string: { type: 'string' },
              new_string: { type: 'string' },
              replace_all: { type: 'boolean' },
            },
            required: ['old_string', 'new_string'],
            additionalProperties: false,
          },
        },
      },
      required: ['file_path', 'edits'],
      additionalProperties: false,
    },
  },
]

/** A transcript that begins with one human entry. */
export function conversation(text = 'Fix the failing test.', ...entries: readonly Entry[]): Transcript {
  return {
    system: 'You work alone in a sandbox.',
    entries: [{ role: 'user', parts: [{ type: 'text', text }] }, ...entries],
  }
}

/** The transcript after a turn, its calls answered by `text`. */
export function after(transcript: Transcript, turn: Turn, text = 'exit 0'): Transcript {
  const results = turn.entry.parts.flatMap((part): ToolResultPart[] =>
    part.type === 'tool_call' ? [{ type: 'tool_result', callId: part.id, status: 'ok', text }] : [],
  )
  const answers: Entry[] = results.length > 0 ? [{ role: 'tool', parts: results }] : []
  return { ...transcript, entries: [...transcript.entries, ...turn.notes, turn.entry, ...answers] }
}

/** Options for a turn with both tools, and nothing to cancel it. */
export function asking(options: Partial<RespondOptions> = {}): RespondOptions {
  return { tools: TOOLS, signal: new AbortController().signal, cacheKey: 'run-1', ...options }
}

/** What a turn says to people. */
export function textOf({ entry }: Turn): string {
  return entry.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('')
}
