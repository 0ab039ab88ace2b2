import type {
  ContentBlockParam,
  MessageParam,
  TextBlockParam,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages'
import { entriesWithResults, legalCallId, legalToolName, resultText, withLegalCalls } from '../calls.ts'
import { noteText } from '../note-text.ts'
import type {
  AssistantEntry,
  HumanEntry,
  ImagePart,
  ProviderName,
  ToolEntry,
  ToolResultPart,
  Transcript,
} from '../transcript.ts'

/** `system` and `messages` of a Messages API request. */
export interface AnthropicRequest {
  readonly system: TextBlockParam[]
  readonly messages: MessageParam[]
}

/** The hosts of Claude. Each of them takes back what Claude wrote at another one. */
const CLAUDE: ReadonlySet<ProviderName> = new Set(['anthropic', 'bedrock', 'vertex'])

/** The entries between two assistant turns. */
interface Group {
  results: ToolResultBlockParam[]
  content: ContentBlockParam[]
  notes: string[]
}

/**
 * Renders a transcript for Claude. An entry that is added at the end of the transcript only adds at the end of the
 * request.
 *
 * - Turns of Claude go back exactly as they came; turns of other models are rebuilt from their parts.
 * - Between two turns there is one user message, with tool results first, and after it at most one system message with
 *   the harness notes: the API wants that right after a user message and before the next turn. Without a user message,
 *   or for a model without the system role, notes become `<backspace-note>` text.
 */
export function renderAnthropic(
  transcript: Transcript,
  { systemRole, omitReasoningBefore = 0 }: { systemRole: boolean; omitReasoningBefore?: number },
): AnthropicRequest {
  const messages: MessageParam[] = []
  const withoutReasoning = new Set(transcript.entries.slice(0, omitReasoningBefore))
  let group = emptyGroup()
  let owed = true
  for (const entry of entriesWithResults(transcript)) {
    switch (entry.role) {
      case 'user':
        group.content.push(...humanBlocks(entry))
        break
      case 'harness':
        group.notes.push(...entry.parts.map(({ text }) => text.toWellFormed()).filter(isVisible))
        break
      case 'tool':
        group.results.push(...toolBlocks(entry))
        break
      case 'assistant':
        messages.push(...closeGroup(group, { systemRole, owed }))
        group = emptyGroup()
        messages.push({ role: 'assistant', content: assistantBlocks(entry, withoutReasoning.has(entry)) })
        owed = entry.origin.stop !== 'pause'
        break
    }
  }
  messages.push(...closeGroup(group, { systemRole, owed }))
  const system = transcript.system.trim() === '' ? [] : [textBlock(transcript.system)]
  return { system, messages }
}

function emptyGroup(): Group {
  return { results: [], content: [], notes: [] }
}

/** @param owed whether there must be a message here: at the beginning, and between two turns. */
function closeGroup(
  group: Group,
  { systemRole, owed }: { systemRole: boolean; owed: boolean },
): MessageParam[] {
  const blocks: ContentBlockParam[] = [...group.results, ...group.content]
  const notes = group.notes.map(textBlock)
  if (blocks.length > 0 && notes.length > 0 && systemRole) {
    return [
      { role: 'user', content: blocks },
      { role: 'system', content: notes },
    ]
  }
  blocks.push(...group.notes.map((text) => textBlock(noteText(text))))
  if (blocks.length === 0 && owed) blocks.push(textBlock(noteText('Continue.')))
  return blocks.length === 0 ? [] : [{ role: 'user', content: blocks }]
}

function humanBlocks({ parts }: HumanEntry): ContentBlockParam[] {
  return parts.flatMap((part): ContentBlockParam[] => {
    if (part.type === 'image') return [imageBlock(part)]
    return isVisible(part.text) ? [textBlock(part.text)] : []
  })
}

function toolBlocks({ parts }: ToolEntry): ToolResultBlockParam[] {
  return parts.map((part): ToolResultBlockParam => {
    const result = { type: 'tool_result', tool_use_id: legalCallId(part.callId) } as const
    const text = textBlock(resultText(part))
    if (part.status === 'ok') return { ...result, content: [text, ...imagesOf(part)] }
    // The API takes only text in a result that is an error.
    return { ...result, content: [text], is_error: true }
  })
}

function imagesOf({ images = [] }: ToolResultPart) {
  return images.map(imageBlock)
}

function assistantBlocks(entry: AssistantEntry, omitReasoning: boolean): ContentBlockParam[] {
  const native = CLAUDE.has(entry.origin.provider) && isBlockList(entry.native) ? entry.native : undefined
  const blocks = native
    ? withLegalCalls(native, entry, { callType: 'tool_use', idField: 'id' })
    : entry.parts.flatMap(rebuiltBlocks)
  const sent = omitReasoning ? blocks.filter(({ type }) => !/thinking$/.test(type)) : [...blocks]
  // Claude may end a turn without a word, and the API rejects empty content.
  return sent.length > 0 ? sent : [textBlock('(no answer)')]
}

function rebuiltBlocks(part: AssistantEntry['parts'][number]): ContentBlockParam[] {
  switch (part.type) {
    case 'text':
      return isVisible(part.text) ? [textBlock(part.text)] : []
    case 'reasoning':
      return []
    case 'tool_call': {
      const { id, name, args } = part
      return [{ type: 'tool_use', id: legalCallId(id), name: legalToolName(name), input: args ?? {} }]
    }
  }
}

/** Whether stored native blocks have the shape that this adapter writes. A turn with any other shape is rebuilt. */
function isBlockList(native: unknown): native is ContentBlockParam[] {
  return (
    Array.isArray(native) &&
    native.every((block) => typeof block === 'object' && block !== null && 'type' in block)
  )
}

function imageBlock({ mediaType, base64 }: ImagePart) {
  return {
    type: 'image',
    source: { type: 'base64', media_type: mediaType, data: base64 },
  } satisfies ContentBlockParam
}

function textBlock(text: string): TextBlockParam {
  return { type: 'text', text: text.toWellFormed() }
}

function isVisible(text: string): boolean {
  return text.trim() !== ''
}
