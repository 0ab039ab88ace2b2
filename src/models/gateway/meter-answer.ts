import type { Message, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages'
import { createParser } from 'eventsource-parser'
import { jsonOrUndefined } from '../../text/json-or-undefined.ts'
import { anthropicUsage } from '../anthropic/anthropic-answer.ts'
import type { Usage } from '../transcript.ts'

/** What the gateway could read from an answer that passed through it. */
export interface MeteredAnswer {
  readonly responseId: string
  readonly stop: string
  readonly usage: Usage
  /** Those tokens of `usage.cacheWrite` that are cached for an hour, which costs more. */
  readonly cacheWrite1h: number
  /** Milliseconds from the request to the first content, if any. `durationMs`: to the end. */
  readonly firstTokenMs: number | undefined
  readonly durationMs: number
}

/** Events with text or arguments may be longer. The events that have counts never are. */
const MAX_EVENT_CHARACTERS = 1024 * 1024

/** Counts tokens in an answer while it passes through. What it cannot read, it does not count. */
export interface AnswerMeter {
  readonly add: (chunk: Uint8Array) => void
  /** The counts. Call it once, however the answer ended. */
  readonly end: () => MeteredAnswer
}

/** @param isStream false for an answer that is one JSON text. */
export function createAnswerMeter(
  isStream: boolean,
  now: () => number = () => performance.now(),
): AnswerMeter {
  const startedAt = now()
  const decoder = new TextDecoder()
  let firstTokenMs: number | undefined
  let message: Partial<Message> = {}
  let whole = ''
  const parser = createParser({ onEvent: ({ data }) => take(parseEvent(data)) })

  function take(event: RawMessageStreamEvent | undefined): void {
    if (event?.type === 'message_start') ({ message } = event)
    else if (event?.type === 'content_block_delta') firstTokenMs ??= now() - startedAt
    else if (event?.type === 'message_delta') {
      const usage = { ...message.usage, ...withoutNulls(event.usage) }
      message = { ...message, ...event.delta, usage: usage as Message['usage'] }
    }
  }

  return {
    add(chunk) {
      const text = decoder.decode(chunk, { stream: true })
      if (isStream) parser.feed(text)
      else if (whole.length < MAX_EVENT_CHARACTERS) whole += text
    },
    end() {
      if (!isStream) message = (parse(whole) as Partial<Message> | undefined) ?? {}
      const { id = '', stop_reason, usage } = message
      return {
        responseId: id,
        stop: stop_reason ?? 'unknown',
        usage: anthropicUsage(usage ? { usage } : {}),
        cacheWrite1h: usage?.cache_creation?.ephemeral_1h_input_tokens ?? 0,
        firstTokenMs,
        durationMs: now() - startedAt,
      }
    },
  }
}

/** Parses an event unless it is too long to have counts. */
function parseEvent(data: string): RawMessageStreamEvent | undefined {
  if (data.length > MAX_EVENT_CHARACTERS) return undefined
  return parse(data) as RawMessageStreamEvent | undefined
}

function withoutNulls(usage: object | undefined): object {
  return Object.fromEntries(Object.entries(usage ?? {}).filter(([, value]) => value !== null))
}

function parse(text: string): unknown {
  const value = jsonOrUndefined(text)
  return typeof value === 'object' && value !== null ? value : undefined
}
