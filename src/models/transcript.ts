/**
 * What the human, the harness, the model and its tools said: provider-neutral and append-only. Nothing in it is ever
 * edited, since Claude's preserved thinking rejects a request whose earlier messages changed. A reminder, a budget note
 * or a change of provider is a new entry at the end. When the transcript becomes too long for a model, a new segment
 * begins there.
 */
export interface Transcript {
  /** Fixed for the whole run and the same bytes in every request. Nothing that is specific to one run belongs here. */
  readonly system: string
  readonly entries: readonly Entry[]
}

export type Entry = HumanEntry | HarnessEntry | ToolEntry | AssistantEntry

/** The task, or what a person adds to it. */
export interface HumanEntry {
  readonly role: 'user'
  /**
   * Set where the transcript was compacted: models see this entry and those after it, and nothing before. The entry
   * repeats what the run began with.
   */
  readonly startsSegment?: true
  readonly parts: readonly (TextPart | ImagePart)[]
}

/** A note of the harness: a limit, a change of provider, or a report of the gate. */
export interface HarnessEntry {
  readonly role: 'harness'
  /**
   * `compaction`: the question and the summary that a compaction adds, and that the next one replaces.
   * `session`: lines of Claude Code's own record, which Backspace's models never see.
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
  /**
   * The provider's own blocks, verbatim. They are sent back only to the provider (for OpenAI, the model) that made
   * them.
   */
  readonly native: unknown
}

interface Origin {
  readonly provider: ProviderName
  readonly model: string
  readonly responseId: string
  readonly stop: StopReason
  readonly usage: Usage
}

/** Where a model is served. The operator adds the servers `compatible` and `compatible-<name>`. */
export type ProviderName = 'anthropic' | 'bedrock' | 'vertex' | 'openai' | CompatibleName | 'scripted'
/** A server that speaks OpenAI's Chat Completions. If there are several, they have names: `compatible-groq`. */
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
/** For telemetry only; never sent as text. */
interface ReasoningPart {
  readonly type: 'reasoning'
  readonly text: string
}
export interface ToolCallPart {
  readonly type: 'tool_call'
  readonly id: string
  readonly name: string
  /** The parsed arguments; undefined when they could not be parsed, and `invalid` says why. */
  readonly args: unknown
  readonly invalid?: string | undefined
}
export interface ToolResultPart {
  readonly type: 'tool_result'
  readonly callId: string
  readonly status: 'ok' | 'error' | 'skipped' | 'interrupted'
  readonly text: string
  readonly images?: readonly ImagePart[] | undefined
  /** Paths of the repository's instruction files that were added to `text`. */
  readonly instructions?: readonly string[] | undefined
}

/** Tokens of one turn. For every provider, `input` excludes what was read from or written to the cache. */
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

/** All tokens, of every kind. */
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
 * Index of the first entry that models see: the last entry that starts a segment, or else the first entry. Earlier
 * entries are kept as the record of the run, and never sent again.
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
