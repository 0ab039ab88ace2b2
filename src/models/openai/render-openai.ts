import type {
  ResponseInputContent,
  ResponseInputItem,
  ResponseOutputItem,
} from 'openai/resources/responses/responses'
import { entriesWithResults, legalCallId, legalToolName, resultText, withLegalCalls } from '../calls.ts'
import type { AssistantEntry, Entry, ImagePart, TextPart, ToolResultPart, Transcript } from '../transcript.ts'

/** `instructions` and `input` of a Responses API request. */
export interface OpenAIRequest {
  readonly instructions: string
  readonly input: ResponseInputItem[]
}

/**
 * Renders a transcript for OpenAI. An entry that is added at the end of the transcript only adds at the end of the
 * request.
 *
 * A turn of the same model goes back item by item, reasoning included. Any other turn is rebuilt without ids: the API
 * rejects foreign ids, and since it stores nothing, it knows none of its own either.
 */
export function renderOpenAI(
  transcript: Transcript,
  { model, omitReasoningBefore = 0 }: { model: string; omitReasoningBefore?: number },
): OpenAIRequest {
  const withoutReasoning = new Set(transcript.entries.slice(0, omitReasoningBefore))
  const input = entriesWithResults(transcript).flatMap((entry) =>
    entryItems(entry, { model, omitReasoning: withoutReasoning.has(entry) }),
  )
  return { instructions: transcript.system.toWellFormed(), input }
}

function entryItems(
  entry: Entry,
  { model, omitReasoning }: { model: string; omitReasoning: boolean },
): ResponseInputItem[] {
  switch (entry.role) {
    case 'user':
      return contentItem('user', entry.parts)
    case 'harness':
      return contentItem('developer', entry.parts)
    case 'tool':
      return entry.parts.map(outputItem)
    case 'assistant':
      return (omitReasoning ? undefined : nativeItems(entry, model)) ?? entry.parts.flatMap(rebuiltItems)
  }
}

function contentItem(
  role: 'user' | 'developer',
  parts: readonly (TextPart | ImagePart)[],
): ResponseInputItem[] {
  const content = parts.flatMap((part): ResponseInputContent[] => {
    if (part.type === 'image') return [imageContent(part)]
    return part.text.trim() === '' ? [] : [{ type: 'input_text', text: part.text.toWellFormed() }]
  })
  return content.length === 0 ? [] : [{ role, content }]
}

function outputItem(part: ToolResultPart): ResponseInputItem {
  // Results have no error flag, so the status goes in front of the text.
  const text = part.status === 'ok' ? resultText(part) : `[${part.status}] ${resultText(part)}`
  const images = (part.images ?? []).map(imageContent)
  return {
    type: 'function_call_output',
    call_id: legalCallId(part.callId),
    output: images.length === 0 ? text : [{ type: 'input_text', text }, ...images],
  }
}

/** The turn's own items; undefined when they cannot be sent back as they are. */
function nativeItems(entry: AssistantEntry, model: string): ResponseInputItem[] | undefined {
  const { origin, native } = entry
  if (origin.provider !== 'openai' || origin.model !== model || !isItemList(native)) return undefined
  if (native.length === 0) return undefined
  return withLegalCalls(native, entry, { callType: 'function_call', idField: 'call_id' })
}

function rebuiltItems(part: AssistantEntry['parts'][number]): ResponseInputItem[] {
  switch (part.type) {
    case 'text':
      return part.text.trim() === '' ? [] : [{ role: 'assistant', content: part.text.toWellFormed() }]
    case 'reasoning':
      return []
    case 'tool_call':
      return [
        {
          type: 'function_call',
          call_id: legalCallId(part.id),
          name: legalToolName(part.name),
          arguments: JSON.stringify(part.args ?? {}),
        },
      ]
  }
}

/** Whether stored native items have the shape that this adapter writes. A turn with any other shape is rebuilt. */
function isItemList(native: unknown): native is (ResponseInputItem & ResponseOutputItem)[] {
  return (
    Array.isArray(native) &&
    native.every((item) => typeof item === 'object' && item !== null && 'type' in item)
  )
}

function imageContent({ mediaType, base64 }: ImagePart) {
  return {
    type: 'input_image',
    detail: 'auto',
    image_url: `data:${mediaType};base64,${base64}`,
  } satisfies ResponseInputContent
}
