import type { AssistantEntry, CompatibleName, HarnessEntry, ProviderName, Transcript } from './transcript.ts'

/** One turn with a language model. */
export interface Model {
  /** The name to show people: `anthropic:claude-opus-5-5`. */
  readonly name: string
  /** How many tokens the model can read at once; undefined when that is not known. */
  readonly contextWindow?: number | undefined
  /**
   * Sends the transcript's last segment and returns the model's next turn. Never edits the transcript.
   *
   * @throws {ModelError} with the class that decides what to do next; `signal.reason` when cancelled.
   */
  respond(transcript: Transcript, options: RespondOptions): Promise<Turn>
}

export interface RespondOptions {
  readonly tools: readonly ToolSchema[]
  readonly signal: AbortSignal
  /** Retries and changes of provider, as they happen. */
  readonly onNotice?: ((notice: ModelNotice) => void) | undefined
  /** The same in every request of a run; serves as the provider's cache key. */
  readonly cacheKey?: string | undefined
  /**
   * Entries before this index are sent without their reasoning. This is the repair for a provider that no longer
   * accepts its own reasoning. Once a run has used it, it must keep it, or the beginning of the request would change
   * back.
   */
  readonly omitReasoningBefore?: number | undefined
  /**
   * Asks for an answer without tool calls. The tools are still sent, since they are part of the prefix that must not
   * change.
   */
  readonly wordsOnly?: boolean | undefined
}

export interface Turn {
  /** Notes to append before `entry`, in order. A change of the provider leaves one. */
  readonly notes: readonly HarnessEntry[]
  readonly entry: AssistantEntry
  /** Dollars; undefined when the price of this model is not known. A price that is not known is never given as 0. */
  readonly costUsd: number | undefined
  /** How many milliseconds the attempt that succeeded took. */
  readonly durationMs: number
  /** Milliseconds to the first visible byte of the answer; undefined if there was none. */
  readonly firstTokenMs: number | undefined
  /** 1 when the first attempt succeeded. */
  readonly attempts: number
}

export type ModelNotice =
  | {
      readonly kind: 'retry'
      readonly model: string
      readonly errorClass: string
      readonly attempt: number
      readonly waitMs: number
    }
  | {
      readonly kind: 'switch'
      readonly from: string
      readonly to: string
      readonly errorClass: string
      readonly reason: string
    }

export interface ToolSchema {
  readonly name: string
  readonly description: string
  /** JSON Schema of an object with `additionalProperties: false`. Optional properties are simply not in `required`. */
  readonly inputSchema: JsonObjectSchema
}

export interface JsonObjectSchema {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, unknown>>
  readonly required: readonly string[]
  readonly additionalProperties: false
}

/** A model of the chain: `anthropic:claude-opus-5-5`, `compatible-groq:qwen/qwen3-32b`, `scripted:/path/to/turns.json`. */
export interface ModelRef {
  readonly provider: ProviderName
  /** Model id; for `scripted` the path of a JSON file with its turns. */
  readonly id: string
}

const PROVIDER = 'anthropic|bedrock|vertex|openai|compatible(?:-[a-z][a-z0-9]{0,31})?|scripted'

/** Splits `anthropic:claude-opus-5-5` into its parts; undefined when the text does not have this form. */
export function parseModelRef(text: string): ModelRef | undefined {
  const match = new RegExp(`^(${PROVIDER}):(\\S+)$`).exec(text)
  if (!match?.[1] || !match[2]) return undefined
  const ref = { provider: match[1] as ProviderName, id: match[2] }
  // A path may hold any character. In an id, other characters mean that a comma is missing between two models.
  return ref.provider === 'scripted' || /^[\w./:@+-]+$/.test(ref.id) ? ref : undefined
}

/** Whether the provider is a server of Chat Completions. */
export function isCompatible(provider: ProviderName): provider is CompatibleName {
  return provider === 'compatible' || provider.startsWith('compatible-')
}
