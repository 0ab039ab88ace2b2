import type { ToolDetail } from '../../agent/agent-event.ts'
import type { RunEvent } from '../../runs/run-event.ts'

/**
 * Attributes of OpenTelemetry's conventions for generative AI.
 * Source: https://github.com/open-telemetry/semantic-conventions-genai (gen-ai-spans, gen-ai-agent-spans).
 */
export type Attributes = Record<string, string | number | boolean | string[] | undefined>

type TurnEvent = Extract<RunEvent, { type: 'model.turn' }>
type ToolEvent = Extract<RunEvent, { type: 'tool.finished' }>

/** The conventions' own names for providers that Backspace names differently. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = { bedrock: 'aws.bedrock', vertex: 'gcp.vertex_ai' }

/** @param text what the model wrote in this turn; undefined if content is not sent. */
export function turnAttributes(event: TurnEvent, text: string | undefined): Attributes {
  const { usage, provider, model, costUsd, firstTokenMs } = event
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': PROVIDER_NAMES[provider] ?? provider,
    'gen_ai.conversation.id': event.runId,
    'gen_ai.request.model': model,
    'gen_ai.request.stream': true,
    'gen_ai.response.model': model,
    'gen_ai.response.id': event.responseId,
    'gen_ai.response.finish_reasons': [event.stop],
    'gen_ai.response.time_to_first_chunk': firstTokenMs === null ? undefined : firstTokenMs / 1000,
    // The conventions count cached tokens as input, while Backspace counts them separately.
    'gen_ai.usage.input_tokens': usage.input + usage.cacheRead + usage.cacheWrite,
    'gen_ai.usage.output_tokens': usage.output,
    'gen_ai.usage.cache_read.input_tokens': usage.cacheRead,
    'gen_ai.usage.cache_creation.input_tokens': usage.cacheWrite,
    'gen_ai.output.messages': text === undefined ? undefined : outputMessages(text, event.stop),
    'backspace.turn': event.turn,
    // An unknown price must not look like a price of 0.
    'backspace.cost_usd': costUsd ?? undefined,
    'backspace.model.attempts': event.attempts,
    'backspace.model.context_tokens': event.contextTokens,
    'backspace.model.waited_ms': event.waitedMs,
  }
}

/** @param content whether arguments and results are sent. */
export function toolAttributes(event: ToolEvent, content: boolean): Attributes {
  const { tool, callId, status, detail, bytes } = event
  const said = content ? toolContent(detail) : undefined
  return {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool,
    'gen_ai.tool.type': 'function',
    'gen_ai.tool.call.id': callId,
    'gen_ai.conversation.id': event.runId,
    'gen_ai.tool.call.arguments': said && JSON.stringify(said.arguments),
    'gen_ai.tool.call.result': said?.result,
    'error.type': status === 'error' ? 'tool_error' : undefined,
    'backspace.tool.status': status,
    'backspace.tool.result_bytes': bytes?.full,
    'backspace.tool.exit_code': detail.kind === 'bash' ? detail.exitCode : undefined,
  }
}

/** The prompt of a run, in the form that the conventions give to messages. */
export function inputMessages(prompt: string): string {
  return JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: prompt }] }])
}

function outputMessages(text: string, stop: string): string {
  const parts = text === '' ? [] : [{ type: 'text', content: text }]
  return JSON.stringify([{ role: 'assistant', parts, finish_reason: stop }])
}

function toolContent(detail: ToolDetail): { readonly arguments: object; readonly result?: string } {
  switch (detail.kind) {
    case 'bash':
      return { arguments: { command: detail.command }, result: detail.output }
    case 'read':
      return { arguments: { path: detail.path }, result: `${detail.lines} lines` }
    case 'edit':
      return { arguments: { path: detail.path, edits: detail.edits } }
    case 'write':
      return { arguments: { path: detail.path, content: detail.content } }
    case 'search':
      return { arguments: { pattern: detail.pattern }, result: `${detail.matches} matches` }
    case 'other':
      return { arguments: detail.asked ?? {}, result: detail.text }
  }
}
