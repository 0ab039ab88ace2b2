import type { ToolResult } from './tool.ts'

/** A call that did not work, in words that tell the model what to do next. */
export function toolError(text: string): ToolResult {
  return { status: 'error', text, detail: { kind: 'other', text: text.slice(0, 4096) } }
}
