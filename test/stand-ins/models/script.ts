/** JSON as it came over the wire: validators and tests read into whatever was sent. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where the shape is unknown on purpose
export type Json = any

/** What a stand-in answers to one request. */
export type Step = ScriptedAnswer | ScriptedFault

/** A turn of the model. */
export interface ScriptedAnswer {
  readonly text?: string
  /** Thinking (Anthropic) or the summary of reasoning (OpenAI); '' makes a block without visible text. */
  readonly reasoning?: string
  /**
   * `json` replaces `args` by exactly this text, broken or not. `input` makes it a call of one of OpenAI's custom
   * tools, which take free text.
   */
  readonly calls?: readonly {
    readonly name: string
    readonly args?: unknown
    readonly json?: string
    readonly input?: string
  }[]
  /** Tokens to report, in our terms; what is left out is counted from the request and the answer. */
  readonly usage?: {
    readonly input?: number
    readonly cacheRead?: number
    readonly cacheWrite?: number
    readonly output?: number
  }
  /** The turn ends for this reason instead of its own. */
  readonly stop?: 'max_tokens' | 'context' | 'pause'
}

export interface ScriptedFault extends ScriptedAnswer {
  /**
   * - a status: that error and nothing else.
   * - `drop`: the connection closes before any answer.
   * - `cut`: the connection closes while the answer streams. `stall`: it stays open, silent.
   * - `in-stream-error`: an error event after 200. `failed`: OpenAI's `response.failed` (Anthropic: the same error).
   * - `refusal`: the model declines.
   */
  readonly fault: HttpFault | 'drop' | 'cut' | 'stall' | 'in-stream-error' | 'failed' | 'refusal'
  /** How much is streamed first: nothing, some text, some arguments, or all but the last event. */
  readonly at?: 'start' | 'text' | 'tool' | 'end'
  /** Of an in-stream error. */
  readonly error?: { readonly type?: string; readonly code?: string }
  /** Of a refusal. */
  readonly category?: string
}

export interface HttpFault {
  readonly status: number
  readonly type?: string
  readonly code?: string
  readonly message?: string
  /** Seconds. */
  readonly retryAfter?: number
}

/** Steps in order of the requests, the last one for ever; or what decides per request (`index` from 0). */
export type Script = readonly Step[] | ((request: RecordedRequest, index: number) => Step | Promise<Step>)

/** A request as it came. */
export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Parsed; undefined when it was not JSON. */
  readonly body: Json
}

/** The step for a request. */
export async function stepFor(script: Script, request: RecordedRequest, index: number): Promise<Step> {
  if (typeof script === 'function') return script(request, index)
  return script[Math.min(index, script.length - 1)] ?? { text: 'Done.' }
}

/** A text in pieces, as models stream it. */
export function pieces(text: string, size = 12): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'gu')) ?? []
}

/** Roughly four characters to a token. */
export function tokensIn(text: string): number {
  return Math.ceil(text.length / 4)
}
