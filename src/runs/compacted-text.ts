import type { ContextCompactedEvent } from '../agent/agent-event.ts'

/** One line for people. */
export function compactedText({ summaryBy, tokensBefore, tokensAfter }: ContextCompactedEvent): string {
  const from = summaryBy === 'model' ? 'a summary' : 'the plan and the diff'
  return `The conversation became too long and goes on from ${from}: about ${thousands(tokensBefore)} tokens became ${thousands(tokensAfter)}`
}

function thousands(tokens: number): string {
  return tokens < 1000 ? String(tokens) : `${Math.round(tokens / 1000)}k`
}
