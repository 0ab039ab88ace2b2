import type { ToolCallPart, ToolResultPart } from '../../models/transcript.ts'
import { SandboxError } from '../../sandbox/sandbox.ts'
import type { AgentEvent, ToolDetail } from '../agent-event.ts'
import { type PreparedCall, type Tool, type ToolContext, type ToolResult, toolError } from './tool.ts'

/** An answered call. Its fingerprint is equal to that of another call when the same thing happened again. */
export interface AnsweredCall {
  readonly part: ToolResultPart
  readonly fingerprint: string
  readonly detail: ToolDetail
}

/**
 * Carries out one call and emits its events. A wrong name, wrong arguments or a failure inside the tool give an error
 * result for the model.
 *
 * @throws {SandboxError} when the sandbox is lost; nothing else.
 */
export async function callTool(
  call: ToolCallPart,
  given: {
    readonly tools: readonly Tool[]
    readonly context: ToolContext
    readonly emit: (event: AgentEvent) => void
    readonly now: () => number
  },
): Promise<AnsweredCall> {
  const { context, emit, now } = given
  const prepared = prepare(call, given.tools)
  const shared = { callId: call.id, tool: call.name, title: prepared.ok ? prepared.title : call.name }
  const asked = prepared.ok ? prepared.asked : undefined
  const startedAt = now()
  emit({ type: 'tool.started', ...shared })
  const finish = (status: 'ok' | 'error' | 'interrupted', detail: ToolDetail, bytes = NO_BYTES) => {
    const durationMs = Math.round(now() - startedAt)
    const shown = detail.kind === 'other' && status !== 'ok' && asked ? { ...detail, asked } : detail
    emit({ type: 'tool.finished', ...shared, status, durationMs, detail: shown, bytes })
  }
  try {
    const result = prepared.ok ? await runGuarded(prepared, context) : toolError(prepared.problem)
    const { status, text, images, files = [] } = result
    const added = await context.instructionsFor(files)
    const sent = text + added.text
    finish(context.signal.aborted ? 'interrupted' : status, result.detail, bytesOf(sent, result.fullBytes))
    return {
      part: {
        type: 'tool_result',
        callId: call.id,
        status,
        text: sent,
        images,
        instructions: added.paths.length > 0 ? added.paths : undefined,
      },
      fingerprint: result.fingerprint ?? text,
      detail: result.detail,
    }
  } catch (error) {
    finish('interrupted', { kind: 'other', text: 'the sandbox was lost' })
    throw error
  }
}

const NO_BYTES = { sent: 0, full: 0 }

function bytesOf(text: string, full = 0): { readonly sent: number; readonly full: number } {
  const sent = Buffer.byteLength(text)
  return { sent, full: Math.max(sent, full) }
}

function prepare(call: ToolCallPart, tools: readonly Tool[]): PreparedCall {
  if (call.invalid !== undefined) {
    const problem = `Nothing was done: the arguments could not be read (${call.invalid}). Call ${call.name} again with complete, valid JSON.`
    return { ok: false, problem }
  }
  const tool = tools.find(({ schema }) => schema.name === call.name)
  if (tool) return tool.prepare(call.args)
  const names = tools.map(({ schema }) => schema.name).join(', ')
  return { ok: false, problem: `There is no tool ${call.name}. The tools are: ${names}.` }
}

async function runGuarded(
  prepared: PreparedCall & { readonly ok: true },
  context: ToolContext,
): Promise<ToolResult> {
  try {
    return await prepared.run(context)
  } catch (error) {
    return toolError(explain(error))
  }
}

/** Explains an error to the model in Backspace's own words, because the message of a host error may hold host paths. */
function explain(error: unknown): string {
  if (!(error instanceof SandboxError)) {
    return 'The tool failed unexpectedly. Try another way, for example bash.'
  }
  switch (error.class) {
    case 'path_not_found':
      return 'The file is no longer there. Look again with glob.'
    case 'no_space':
      return 'The disk of the sandbox is full. Delete what is not needed and try again.'
    case 'gone':
    case 'over_limit':
    case 'unreachable':
    case 'unavailable':
      throw error
  }
}
