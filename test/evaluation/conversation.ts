import type { Json, RecordedRequest, Step } from '../stand-ins/models/script.ts'

/** What a policy can see when it decides: the run so far, as the provider received it. */
export interface Conversation {
  /** Turns of the model so far. */
  readonly turns: number
  /** Results of the calls of its last turn, in order. */
  readonly results: readonly Result[]
  /** Every result so far. */
  readonly allResults: readonly Result[]
}

export interface Result {
  readonly name: string
  readonly args: Json
  readonly text: string
  readonly isError: boolean
}

/** A model that decides by what it has seen. */
export type Policy = (conversation: Conversation) => Step

/** Name of the repository that a request is about. */
export function repositoryOf({ body }: RecordedRequest): string {
  return /^repository: [^/\s]+\/([^\s,]+)/m.exec(textOf(body.messages[0].content))?.[1] ?? ''
}

export function readConversation({ body }: RecordedRequest): Conversation {
  const calls = new Map<string, { name: string; args: Json }>()
  let results: Result[] = []
  const allResults: Result[] = []
  let turns = 0
  for (const { role, content } of body.messages) {
    if (role === 'assistant') turns++
    const blocks: Json[] = Array.isArray(content) ? content : []
    for (const block of blocks)
      if (block.type === 'tool_use') calls.set(block.id, { name: block.name, args: block.input })
    const answered = blocks.filter(({ type }) => type === 'tool_result')
    if (role === 'assistant') results = []
    results.push(
      ...answered.map((block) => ({
        ...(calls.get(block.tool_use_id) ?? { name: '', args: {} }),
        text: textOf(block.content),
        isError: block.is_error === true,
      })),
    )
    allResults.push(...results.slice(results.length - answered.length))
  }
  return { turns, results, allResults }
}

function textOf(content: Json): string {
  if (typeof content === 'string') return content
  return (content ?? []).map(({ text = '' }: Json) => text).join('\n')
}
