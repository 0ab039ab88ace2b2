import type { RunEvent } from '../../runs/run-event.ts'

type ToolFinished = Extract<RunEvent, { type: 'tool.finished' }>
type AskedOfTool = NonNullable<Extract<ToolFinished['detail'], { kind: 'other' }>['asked']>

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

function detailFields({ tool, detail }: ToolFinished): Record<string, unknown> {
  switch (detail.kind) {
    case 'bash':
      return { command: detail.command, output: detail.output, exit_code: detail.exitCode }
    case 'read':
      return { filepath: detail.path, lines: detail.lines }
    case 'edit':
      return { filepath: detail.path, ...pairsOf(detail.edits) }
    case 'write':
      return { filepath: detail.path, bytes: detail.bytes, content: detail.content }
    case 'search':
      return { pattern: detail.pattern, matches: detail.matches }
    case 'other':
      return { ...askedFields(tool, detail.asked), output: detail.text }
    default:
      return unreachable(detail)
  }
}

/** One call may edit several places of a file; clients that know only one pair show the first. */
function pairsOf(edits: NonNullable<AskedOfTool['edits']>): Record<string, unknown> {
  const [first = { old_str: '', new_str: '' }, ...more] = edits.map(({ oldText, newText }) => ({
    old_str: oldText,
    new_str: newText,
  }))
  return { ...first, ...(more.length > 0 && { more_edits: more }) }
}

/** A call that came to nothing has the fields of its kind all the same: clients need not tell the two apart. */
function askedFields(tool: string, asked: AskedOfTool = {}): Record<string, unknown> {
  const filepath = asked.path ?? ''
  switch (tool) {
    case 'read':
      return { filepath, lines: 0 }
    case 'edit':
      return { filepath, ...pairsOf(asked.edits ?? []) }
    case 'write':
      return { filepath, bytes: 0, content: '' }
    case 'bash':
      return { command: asked.command ?? '', exit_code: null }
    default:
      return {}
  }
}

function unreachable(detail: never): never {
  throw new Error(`unknown tool detail ${JSON.stringify(detail)}`)
}
