import type { HttpFault, Json } from './script.ts'

/** How one server of Chat Completions differs from the others. Each is what its own documents or issues show. */
export interface ChatDialect {
  /** Top-level fields that it knows; others are refused. Undefined: it ignores what it does not know. */
  readonly fields?: readonly string[]
  /** The status of a refused request. */
  readonly refuses: number
  readonly strict: 'enforced' | 'ignored' | 'refused'
  readonly images: 'seen' | 'refused' | 'dropped'
  readonly tools: 'taken' | 'refused'
  /** How calls are streamed; `words` is a format that the server does not take apart. */
  readonly calls:
    | 'pieces'
    | 'whole'
    | 'without_index'
    | 'same_index'
    | 'without_id'
    | 'repeated_head'
    | 'object_arguments'
    | 'words'
  /** Writes the calls of `words`. */
  readonly inWords?: (calls: readonly { readonly name: string; readonly args: Json }[]) => string
  /** The field that thinking comes in; `text` is `<think>` in the answer. */
  readonly reasoning: 'reasoning_content' | 'reasoning' | 'reasoning_details' | 'text' | 'parts'
  /** Whether earlier thinking may come back. */
  readonly takesReasoning: boolean
  readonly usage: 'asked' | 'always' | 'in_each' | 'never'
  /** The chat template takes turns of user and assistant only, as plain text, and results right after their calls. */
  readonly alternates: boolean
  /** The form that ids of calls must have. */
  readonly ids: RegExp
  /** Streams nothing, whatever was asked for. */
  readonly streams: boolean
  readonly finish?: string | undefined
  /** The entry of the model in `GET /models`; undefined: 404. */
  readonly card?: Json
  readonly errorBody?: (fault: HttpFault) => Json
}

const USUAL: ChatDialect = {
  refuses: 400,
  strict: 'ignored',
  images: 'seen',
  tools: 'taken',
  calls: 'pieces',
  reasoning: 'reasoning_content',
  takesReasoning: true,
  usage: 'asked',
  alternates: false,
  ids: /^.+$/s,
  streams: true,
}

const OPENAI_FIELDS = [
  'model',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'parallel_tool_calls',
  'max_tokens',
]

export const CHAT_DIALECTS = {
  openai: { ...USUAL, fields: OPENAI_FIELDS, strict: 'enforced', ids: /^.{1,64}$/s },
  vllm: { ...USUAL, card: { max_model_len: 32_768 } },
  /** Calls come whole and at once, and the field for parallel calls is not known. */
  ollama: { ...USUAL, calls: 'whole', reasoning: 'reasoning', usage: 'always' },
  lm_studio: { ...USUAL, images: 'dropped', card: { max_context_length: 8192 } },
  llama_cpp: {
    ...USUAL,
    alternates: true,
    images: 'refused',
    refuses: 500,
    card: { meta: { n_ctx_train: 40_960 } },
  },
  openrouter: {
    ...USUAL,
    strict: 'enforced',
    reasoning: 'reasoning_details',
    usage: 'always',
    card: {
      context_length: 131_072,
      pricing: { prompt: '0.0000005', completion: '0.000002', input_cache_read: '0.0000001' },
    },
  },
  litellm: { ...USUAL, calls: 'repeated_head', images: 'refused' },
  azure: { ...USUAL, fields: OPENAI_FIELDS, strict: 'enforced' },
  mistral: {
    ...USUAL,
    fields: ['model', 'messages', 'stream', 'tools', 'parallel_tool_calls', 'max_tokens'],
    refuses: 422,
    calls: 'without_index',
    takesReasoning: false,
    reasoning: 'parts',
    usage: 'always',
    ids: /^[A-Za-z0-9]{9}$/,
    card: { max_context_length: 131_072 },
    errorBody: ({ message }) => ({
      object: 'error',
      message: { detail: [{ msg: message }] },
      type: 'invalid_request_error',
      code: '3230',
    }),
  },
  deepseek: { ...USUAL, images: 'refused', usage: 'in_each' },
  groq: {
    ...USUAL,
    strict: 'refused',
    takesReasoning: false,
    reasoning: 'reasoning',
    card: { context_window: 131_072 },
  },
  /** A gateway that turns another protocol into this one. */
  same_index: { ...USUAL, calls: 'same_index' },
  without_ids: { ...USUAL, calls: 'without_id' },
  objects: { ...USUAL, calls: 'object_arguments', finish: 'stop' },
  does_not_stream: { ...USUAL, streams: false, reasoning: 'text' },
  qwen_words: {
    ...USUAL,
    calls: 'words',
    reasoning: 'text',
    inWords: (calls) =>
      calls
        .map(({ name, args }) => `<tool_call>\n${JSON.stringify({ name, arguments: args })}\n</tool_call>`)
        .join('\n'),
  },
  mistral_words: {
    ...USUAL,
    calls: 'words',
    inWords: (calls) =>
      `[TOOL_CALLS] ${JSON.stringify(calls.map(({ name, args }) => ({ name, arguments: args })))}`,
  },
  counts_nothing: { ...USUAL, usage: 'never' },
  without_tools: { ...USUAL, tools: 'refused', images: 'refused' },
} as const satisfies Record<string, ChatDialect>

export type DialectName = keyof typeof CHAT_DIALECTS
