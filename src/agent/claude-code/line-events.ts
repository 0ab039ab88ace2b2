import type { AgentEvent, PlanItem } from '../agent-event.ts'
import { type AskedCall, callDetail, callTitle, planOf, wordsOf } from './call-detail.ts'
import type { CliLine } from './read-line.ts'

type AssistantLine = Extract<CliLine, { type: 'assistant' }>
type UserLine = Extract<CliLine, { type: 'user' }>
type SystemLine = Extract<CliLine, { type: 'system' }>

/** Turns the lines that Claude Code prints into the events that the builtin agent would have emitted. */
export interface LineEvents {
  readonly take: (line: CliLine) => readonly AgentEvent[]
  /** Call it when the process has ended: returns the final events of calls that have no result. */
  readonly end: () => readonly AgentEvent[]
  /** Whether a call has no result yet. */
  readonly isCalling: () => boolean
  /** The model's last text; empty when it said nothing. */
  readonly lastText: () => string
  readonly plan: () => readonly PlanItem[]
  readonly toolCalls: () => number
}

interface OpenCall extends AskedCall {
  readonly title: string
  readonly startedAt: number
}

/** Our tool of the same kind, by the name of Claude Code's tool. */
const TOOLS: Readonly<Record<string, string>> = {
  Bash: 'bash',
  Read: 'read',
  Edit: 'edit',
  Write: 'write',
  Grep: 'grep',
  Glob: 'glob',
  TodoWrite: 'plan',
  StructuredOutput: 'finish',
}

/**
 * @param given.workspace absolute path of the workspace; paths in it are shown relative to it.
 * @param given.now a clock in milliseconds.
 */
export function createLineEvents(given: {
  readonly workspace: string
  readonly now: () => number
}): LineEvents {
  const { workspace, now } = given
  const open = new Map<string, OpenCall>()
  let plan: readonly PlanItem[] = []
  let lastText = ''
  let toolCalls = 0

  function ofAssistant({ message, error }: AssistantLine): AgentEvent[] {
    return message.content.flatMap((block): AgentEvent[] => {
      if ('text' in block) {
        // Claude Code puts a text in the place of a failed request. It is not from the model, and the result says what failed.
        if (error !== undefined || block.text.trim() === '') return []
        lastText = block.text
        return [{ type: 'agent.message', text: block.text }]
      }
      if (!('input' in block)) return []
      const tool = TOOLS[block.name] ?? block.name
      const title = callTitle(tool, block.input, workspace)
      open.set(block.id, { tool, title, input: block.input, startedAt: now() })
      toolCalls++
      return [{ type: 'tool.started', callId: block.id, tool, title }]
    })
  }

  function ofUser({ message, tool_use_result: facts }: UserLine): AgentEvent[] {
    if (typeof message.content === 'string') return []
    return message.content.flatMap((part): AgentEvent[] => {
      if (!('tool_use_id' in part)) return 'text' in part ? noticeOf(part.text) : []
      const call = open.get(part.tool_use_id)
      open.delete(part.tool_use_id)
      if (!call) return []
      const output = wordsOf(part.content)
      const { tool, title, startedAt } = call
      const finished: AgentEvent = {
        type: 'tool.finished',
        callId: part.tool_use_id,
        tool,
        title,
        // A failed command is still a valid answer, as with our own bash.
        status: part.is_error && tool !== 'bash' ? 'error' : 'ok',
        durationMs: Math.round(now() - startedAt),
        detail: callDetail(call, { output, facts, isError: part.is_error === true, workspace }),
        bytes: { sent: Buffer.byteLength(output), full: Buffer.byteLength(output) },
      }
      const items = tool === 'plan' && !part.is_error ? planOf(call.input.todos) : undefined
      if (!items) return [finished]
      plan = items
      return [finished, { type: 'agent.plan', items }]
    })
  }

  return {
    take(line) {
      if (line.type === 'system') return ofSystem(line)
      // Lines of sub-agents, which are switched off, are not the agent's own.
      if ('parent_tool_use_id' in line && typeof line.parent_tool_use_id === 'string') return []
      if (line.type === 'assistant') return ofAssistant(line)
      return line.type === 'user' ? ofUser(line) : []
    },
    end() {
      const left = [...open].map(([callId, { tool, title, startedAt }]): AgentEvent => {
        const detail = { kind: 'other', text: 'Claude Code ended first.' } as const
        const durationMs = Math.round(now() - startedAt)
        return { type: 'tool.finished', callId, tool, title, status: 'interrupted', durationMs, detail }
      })
      open.clear()
      return left
    },
    isCalling: () => open.size > 0,
    lastText: () => lastText,
    plan: () => plan,
    toolCalls: () => toolCalls,
  }
}

function ofSystem(line: SystemLine): AgentEvent[] {
  switch (line.subtype) {
    case 'api_retry': {
      const errorClass = typeof line.error_status === 'number' ? `status ${line.error_status}` : 'connection'
      return [
        {
          type: 'model.retried',
          model: 'claude-code',
          errorClass,
          attempt: line.attempt,
          waitMs: line.retry_delay_ms,
        },
      ]
    }
    case 'model_fallback': {
      const [from, to] = [`anthropic:${line.original_model}`, `anthropic:${line.fallback_model}`]
      const errorClass = line.trigger ?? 'unavailable'
      return [
        { type: 'model.switched', from, to, errorClass, reason: `${line.original_model} did not answer.` },
      ]
    }
    case 'status':
      return line.status === 'compacting' ? [notice('The conversation became long and is summarized.')] : []
    case 'informational':
      return noticeOf(line.content)
    case 'model_refusal_no_fallback':
      return [{ type: 'agent.notice', level: 'warning', message: 'The model declined to continue.' }]
    case 'init':
      return []
  }
}

function noticeOf(text: string): AgentEvent[] {
  const line = text.trim().split('\n')[0] ?? ''
  // Claude Code's own reminder that a turn ends with `StructuredOutput`.
  if (line.startsWith('[structured-output-enforce]')) return []
  return line === '' ? [] : [notice(line.slice(0, 300))]
}

function notice(message: string): AgentEvent {
  return { type: 'agent.notice', level: 'info', message }
}
