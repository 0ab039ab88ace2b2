import type { Response, ResponseOutputItem, ResponseStreamEvent } from 'openai/resources/responses/responses'
import type { OpenAIStreamError } from './classify-openai-error.ts'

/** How a streamed response ended: whole, or with an error of the server's. */
export type OpenAIAnswer =
  | {
      readonly response: Response
      readonly items: readonly ResponseOutputItem[]
      readonly failed?: undefined
    }
  | { readonly failed: OpenAIStreamError }

/** Puts a streamed response together. Undefined when the stream ended without a final event. */
export async function readOpenAIStream(
  events: AsyncIterable<ResponseStreamEvent>,
  { onText, onFirst }: { onText: (text: string) => void; onFirst: () => void },
): Promise<OpenAIAnswer | undefined> {
  // Reasoning is only whole in `output_item.done`; see `ResponseReasoningItem` in the SDK.
  const done = new Map<number, ResponseOutputItem>()
  for await (const event of events) {
    switch (event.type) {
      case 'response.output_text.delta':
        onFirst()
        onText(event.delta)
        break
      case 'response.output_item.added':
      case 'response.function_call_arguments.delta':
      case 'response.reasoning_summary_text.delta':
        onFirst()
        break
      case 'response.output_item.done':
        done.set(event.output_index ?? done.size, event.item)
        break
      case 'response.completed':
      case 'response.incomplete':
        return {
          response: event.response,
          items: done.size > 0 ? inOrder(done) : (event.response.output ?? []),
        }
      case 'response.failed':
        return { failed: event.response.error ?? {} }
      case 'error':
        return { failed: event }
      default:
        break
    }
  }
  return undefined
}

/** Reasoning belongs right before the item that it led to, whichever of them was done first. */
function inOrder(items: ReadonlyMap<number, ResponseOutputItem>): ResponseOutputItem[] {
  return [...items].sort(([a], [b]) => a - b).map(([, item]) => item)
}
