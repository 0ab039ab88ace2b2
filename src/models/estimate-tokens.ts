import { countTokens, type Entry, segmentOf, type ToolResultPart, type Transcript } from './transcript.ts'

/** About what providers charge for an image of usual size. */
const IMAGE_TOKENS = 1600
const CHARACTERS_PER_TOKEN = 4

/**
 * Estimates how many tokens the next request will have: the provider's count for the last turn, plus a quarter of the
 * characters since. The counts of servers that count nothing are ignored.
 */
export function estimateTokens(transcript: Transcript): number {
  const entries = segmentOf(transcript)
  const last = entries.findLastIndex(({ role }) => role === 'assistant')
  const turn = entries[last]
  const counted = turn?.role === 'assistant' ? countTokens(turn.origin.usage) : 0
  const whole = transcript.system.length / CHARACTERS_PER_TOKEN + sum(entries)
  return Math.ceil(Math.max(whole, counted + sum(entries.slice(last + 1))))
}

function sum(entries: readonly Entry[]): number {
  return entries.reduce((tokens, entry) => {
    return tokens + entry.parts.reduce((inside, part) => inside + tokensOf(part), 0)
  }, 0)
}

function tokensOf(part: Entry['parts'][number]): number {
  switch (part.type) {
    case 'text':
      return part.text.length / CHARACTERS_PER_TOKEN
    case 'image':
      return IMAGE_TOKENS
    case 'reasoning':
      return 0
    case 'tool_call':
      return (JSON.stringify(part.args) ?? '').length / CHARACTERS_PER_TOKEN
    case 'tool_result':
      return resultTokens(part)
  }
}

function resultTokens({ text, images = [] }: ToolResultPart): number {
  return text.length / CHARACTERS_PER_TOKEN + images.length * IMAGE_TOKENS
}
