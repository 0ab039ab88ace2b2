import type { RunEvent } from '../../runs/run-event.ts'

type ToolFinished = Extract<RunEvent, { type: 'tool.finished' }>

/** Fields of a `Tool: …` frame. Existing clients read `filepath`, `old_str`, `new_str`, `command` and `output`. */
export function wireTool(
  event: ToolFinished,
): { type: `Tool: ${string}`; message: string } & Record<string, unknown> {
  return {
    type: `Tool: ${toolName(event)}`,
    message: event.title,
    call_id: event.callId,
    status: event.status,
    ...detailFields(event),
    duration_ms: event.durationMs,
    ...sizes(event),
  }
}

/** Of what the model was sent; `truncated` when there was more. */
function sizes({ bytes }: ToolFinished): Record<string, unknown> {
  if (!bytes) return {}
  return { bytes_sent: bytes.sent, bytes_full: bytes.full, truncated: bytes.full > bytes.sent }
}

function toolName({ tool, detail }: ToolFinished): string {
  switch (detail.kind) {
    case 'bash':
      return 'Bash'
    case 'read':
      return 'Read'
    case 'edit':
      return 'Edit'
    case 'write':
      return 'Write'
    case 'search':
    case 'other':
      return tool.charAt(0).toUpperCase() + tool.slice(1)
    default:
      return unreachable(detail)
  }
}

function detailFields({ detail }: ToolFinished): Record<string, unknown> {
  switch (detail.kind) {
    case 'bash':
      return { command: detail.command, output: detail.output, exit_code: detail.exitCode }
    case 'read':
      return { filepath: detail.path, lines: detail.lines }
    case 'edit': {
      const [first, ...more] = detail.edits.map(({ oldText, newText }) => ({
        old_str: oldText,
        new_str: newText,
      }))
      return {
        filepath: detail.path,
        ...(first ?? { old_str: '', new_str: '' }),
        // One call may edit several places of a file; clients that know only one pair show the first.
        ...(more.length > 0 && { more_edits: more }),
      }
    }
    case 'write':
      return { filepath: detail.path, bytes: detail.bytes, content: detail.content }
    case 'search':
      return { pattern: detail.pattern, matches: detail.matches }
    case 'other':
      return { output: detail.text }
    default:
      return unreachable(detail)
  }
}

function unreachable(detail: never): never {
  throw new Error(`unknown tool detail ${JSON.stringify(detail)}`)
}
