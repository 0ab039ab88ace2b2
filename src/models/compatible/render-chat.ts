import { createHash } from 'node:crypto'
import type {
  ChatCompletionContentPart,
  ChatCompletionMessageParam,
  ChatCompletionMessageToolCall,
} from 'openai/resources/chat/completions'
import { entriesWithResults, legalToolName, resultText } from '../calls.ts'
import { noteText } from '../note-text.ts'
import {
  type AssistantEntry,
  callsOf,
  type HumanEntry,
  type ImagePart,
  type ProviderName,
  type ToolEntry,
  type Transcript,
} from '../transcript.ts'

/** The fields in which a server returned what a model thought, to be sent back unchanged. */
export type ReasoningFields = Readonly<Record<string, unknown>>

export interface RenderChatOptions {
  readonly provider: ProviderName
  readonly model: string
  readonly images: boolean
  readonly omitReasoningBefore?: number | undefined
}

/** What comes between two answers of the model. */
interface Group {
  readonly results: { role: 'tool'; tool_call_id: string; content: string }[]
  readonly content: ChatCompletionContentPart[]
  readonly notes: string[]
}

/**
 * Renders a transcript for Chat Completions. An entry that is added at the end of the transcript only adds at the end
 * of the request.
 *
 * Many servers pass messages through a template of the model, and most templates take only system, user and assistant
 * messages in turn, with results right after their calls. So notes of the harness become part of a message that is sent
 * anyway: the last result, or the person's message.
 */
export function renderChat(transcript: Transcript, options: RenderChatOptions): ChatCompletionMessageParam[] {
  const { provider, model, images, omitReasoningBefore = 0 } = options
  const withoutReasoning = new Set(transcript.entries.slice(0, omitReasoningBefore))
  const system = transcript.system.toWellFormed()
  const messages: ChatCompletionMessageParam[] =
    system.trim() === '' ? [] : [{ role: 'system', content: system }]
  let group = emptyGroup()
  let owed = true
  let idOf = foreignId
  for (const entry of entriesWithResults(transcript)) {
    switch (entry.role) {
      case 'user':
        group.content.push(...humanContent(entry, images))
        break
      case 'harness':
        group.notes.push(...entry.parts.map(({ text }) => text.toWellFormed()).filter(isVisible))
        break
      case 'tool':
        addResults(group, entry, { images, idOf })
        break
      case 'assistant': {
        messages.push(...closeGroup(group, owed))
        const isOwn = entry.origin.provider === provider && entry.origin.model === model
        // Some models rely on the form of their own ids and may reject the ids of other models.
        idOf = isOwn ? ownId : foreignId
        messages.push(
          assistantMessage(entry, { idOf, replaysReasoning: isOwn && !withoutReasoning.has(entry) }),
        )
        group = emptyGroup()
        owed = true
        break
      }
    }
  }
  return [...messages, ...closeGroup(group, owed)]
}

function emptyGroup(): Group {
  return { results: [], content: [], notes: [] }
}

/**
 * @param owed whether there must be a message here, because the model answers a message and does not continue its own.
 */
function closeGroup({ results, content, notes }: Group, owed: boolean): ChatCompletionMessageParam[] {
  const said = notes.map(noteText)
  const last = results.at(-1)
  if (content.length === 0 && last && said.length > 0) {
    last.content = [last.content, ...said].join('\n\n')
    return results
  }
  const texts: ChatCompletionContentPart[] = said.map((text) => ({ type: 'text', text }))
  const parts = [...content, ...texts]
  if (parts.length > 0) return [...results, { role: 'user', content: joined(parts) }]
  if (results.length > 0 || !owed) return results
  return [{ role: 'user', content: noteText('Continue.') }]
}

/** Content as plain text where possible: every server takes that, and some take nothing else. */
function joined(parts: readonly ChatCompletionContentPart[]): string | ChatCompletionContentPart[] {
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  return texts.length === parts.length ? texts.join('\n\n') : [...parts]
}

function humanContent({ parts }: HumanEntry, images: boolean): ChatCompletionContentPart[] {
  return parts.flatMap((part): ChatCompletionContentPart[] => {
    if (part.type === 'image') return [imageContent(part, images)]
    return isVisible(part.text) ? [{ type: 'text', text: part.text.toWellFormed() }] : []
  })
}

/** Results hold only text, so the images of a tool come after all results of the turn. */
function addResults(
  group: Group,
  { parts }: ToolEntry,
  { images, idOf }: { readonly images: boolean; readonly idOf: (id: string) => string },
): void {
  for (const part of parts) {
    // Results have no error flag, so the status goes in front of the text.
    const text = part.status === 'ok' ? resultText(part) : `[${part.status}] ${resultText(part)}`
    group.results.push({ role: 'tool', tool_call_id: idOf(part.callId), content: text })
    group.content.push(...(part.images ?? []).map((image) => imageContent(image, images)))
  }
}

function imageContent({ mediaType, base64 }: ImagePart, images: boolean): ChatCompletionContentPart {
  if (!images) return { type: 'text', text: '(An image was here. This model cannot see images.)' }
  return { type: 'image_url', image_url: { url: `data:${mediaType};base64,${base64}` } }
}

function assistantMessage(
  entry: AssistantEntry,
  { idOf, replaysReasoning }: { readonly idOf: (id: string) => string; readonly replaysReasoning: boolean },
): ChatCompletionMessageParam {
  const text = entry.parts
    .flatMap((part) => (part.type === 'text' ? [part.text.toWellFormed()] : []))
    .join('')
  const calls = callsOf(entry).map(
    ({ id, name, args }): ChatCompletionMessageToolCall => ({
      id: idOf(id),
      type: 'function',
      function: { name: legalToolName(name), arguments: JSON.stringify(args ?? {}) },
    }),
  )
  const reasoning = replaysReasoning && isReasoning(entry.native) ? entry.native : {}
  // Beside calls, some templates fail without a text and others with an empty one, but all take null.
  if (calls.length > 0)
    return { role: 'assistant', content: text.trim() === '' ? null : text, tool_calls: calls, ...reasoning }
  return { role: 'assistant', content: text.trim() === '' ? '(no answer)' : text, ...reasoning }
}

function ownId(id: string): string {
  return id
}

/** A foreign call id as nine letters and digits: Mistral takes nothing else, and the others take anything. */
function foreignId(id: string): string {
  const hash = createHash('sha256').update(id).digest('base64')
  return hash.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 9)
}

/** Whether stored native data has the shape that this adapter writes. */
function isReasoning(native: unknown): native is ReasoningFields {
  return typeof native === 'object' && native !== null && !Array.isArray(native)
}

function isVisible(text: string): boolean {
  return text.trim() !== ''
}
