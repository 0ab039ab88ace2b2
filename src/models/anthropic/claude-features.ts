/** What the Messages API accepts for one model. */
export interface ClaudeFeatures {
  /** `role: "system"` inside `messages`: Opus 4.8 and everything released after it. */
  readonly systemRole: boolean
  /** `thinking: { type: "adaptive" }`: version 4.6 and later; 5.5 rejects every other setting. */
  readonly adaptiveThinking: boolean
}

/**
 * Read from the model id. An id that is not Claude's own (a gateway's alias, another vendor behind the same
 * protocol) gets neither: such servers reject what they do not know.
 */
export function claudeFeatures(model: string): ClaudeFeatures {
  const match = /^claude-(?:[a-z]+)-(\d+)(?:-(\d{1,2}))?(?:-|$)/.exec(model)
  if (!match) return { systemRole: false, adaptiveThinking: false }
  const version = Number(match[1]) + Number(match[2] ?? 0) / 100
  return { systemRole: version >= 4.08, adaptiveThinking: version >= 4.06 }
}
