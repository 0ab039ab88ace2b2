/**
 * What was said between the human, the harness, the model and its tools: provider-neutral and append-only.
 * Claude's preserved thinking rejects a request whose earlier messages changed, so nothing here is ever edited:
 * a reminder, a budget note or a change of provider is a new entry at the end. When it becomes too long for a model,
 * a new segment begins at its end.
 */
export interface Transcript {
  /** Frozen per run and byte-identical in every request. Nothing run-specific belongs here. */
  readonly system: string
  readonly entries: readonly Entry[]
}

export type Entry = HumanEntry | HarnessEntry | ToolEntry | AssistantEntry

/** The task, and what people add to it. */
export interface HumanEntry {
  readonly role: 'user'
  /**
   * Set where the transcript was compacted: models are shown this entry and what follows, and nothing before it.
   * It repeats what the run began with.
   */
  readonly startsSegment?: true
  readonly parts: readonly (TextPart | ImagePart)[]
}

/** A note of the harness: limits, provider change, gate report. */
export interface HarnessEntry {
  readonly role: 'harness'
  /**
   * `compaction`: what compaction adds, the question and the summary: the next compaction replaces them.
   * `session`: lines of Claude Code's own record, which no model of ours is shown.
   */
  readonly about?: 'compaction' | 'session'
  readonly parts: readonly TextPart[]
}

/** Exactly one result for each call of the assistant entry before it, in the same order. */
export interface ToolEntry {
  readonly role: 'tool'
  readonly parts: readonly ToolResultPart[]
}

export interface AssistantEntry {
  readonly role: 'assistant'
  readonly parts: readonly (TextPart | ReasoningPart | ToolCallPart)[]
  readonly origin: Origin
  /** The provider's own blocks, verbatim; replayed only to the provider (OpenAI: and model) that made them. */
  readonly native: unknown
}

interface Origin {
  readonly provider: ProviderName
  readonly model: string
  readonly responseId: string
  readonly stop: StopReason
  readonly usage: Usage
}

/** Where a model is asked. `compatible` and `compatible-<name>` are servers that the operator names. */
export type ProviderName = 'anthropic' | 'bedrock' | 'vertex' | 'openai' | CompatibleName | 'scripted'
/** A server that speaks OpenAI's Chat Completions; several have names of their own: `compatible-groq`. */
export type CompatibleName = 'compatible' | `compatible-${string}`
export type StopReason = 'tool_use' | 'end' | 'max_tokens' | 'refusal' | 'context' | 'pause'

export interface TextPart {
  readonly type: 'text'
  readonly text: string
}
export interface ImagePart {
  readonly type: 'image'
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp'
  readonly base64: string
}
/** For telemetry only; never sent again as text. */
interface ReasoningPart {
  readonly type: 'reasoning'
  readonly text: string
}
export interface ToolCallPart {
  readonly type: 'tool_call'
  readonly id: string
  readonly name: string
  /** Parsed arguments; undefined when `invalid` says why they could not be parsed. */
  readonly args: unknown
  readonly invalid?: string | undefined
}
export interface ToolResultPart {
  readonly type: 'tool_result'
  readonly callId: string
  readonly status: 'ok' | 'error' | 'skipped' | 'interrupted'
  readonly text: string
  readonly images?: readonly ImagePart[] | undefined
  /** Paths of the repository's instructions that were added to `text`. */
  readonly instructions?: readonly string[] | undefined
}

/** Tokens of one turn. `input` excludes what was read from or written to the cache, for every provider. */
export interface Usage {
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly output: number
}

/** The calls of a turn, in order. */
export function callsOf({ parts }: Pick<AssistantEntry, 'parts'>): readonly ToolCallPart[] {
  return parts.filter((part) => part.type === 'tool_call')
}

export const NO_USAGE: Usage = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 }

/** Tokens of every kind together. */
export function countTokens({ input, cacheRead, cacheWrite, output }: Usage): number {
  return input + cacheRead + cacheWrite + output
}

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    input: a.input + b.input,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    output: a.output + b.output,
  }
}

/**
 * Where the part begins that models see: the last entry that starts a segment, else the first entry. Earlier entries
 * are kept as the record of the run, and never sent again.
 */
export function segmentStart({ entries }: Pick<Transcript, 'entries'>): number {
  return Math.max(
    0,
    entries.findLastIndex((entry) => entry.role === 'user' && entry.startsSegment === true),
  )
}

/** The entries that models see. */
export function segmentOf(transcript: Pick<Transcript, 'entries'>): readonly Entry[] {
  return transcript.entries.slice(segmentStart(transcript))
}
