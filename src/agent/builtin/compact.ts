import { estimateTokens } from '../../models/estimate-tokens.ts'
import type { ToolSchema } from '../../models/model.ts'
import { type AssistantEntry, callsOf } from '../../models/transcript.ts'
import { LOOKING } from '../workspace-state.ts'
import { skipCall } from './answer-calls.ts'
import { compactTranscript, countCompactions } from './compact-transcript.ts'
import { SUMMARY_REQUEST } from './compaction-text.ts'
import type { LoopParts, LoopState } from './loop-state.ts'
import { takeTurn, textOf } from './take-turn.ts'

const MAX_STAT_BYTES = 32 * 1024

/**
 * Begins a new segment of the transcript. What stood before stays in the record of the run.
 *
 * @param given.askModel false when the conversation is already too long to be sent once more: then the summary is
 * what the host knows.
 * @throws {SandboxError} when the sandbox is lost; the reason of the run's signal.
 */
export async function compact(
  parts: LoopParts,
  state: LoopState,
  { tools, askModel }: { readonly tools: readonly ToolSchema[]; readonly askModel: boolean },
): Promise<void> {
  const { context, newNonce } = parts
  const { writer, plan } = state
  const tokensBefore = estimateTokens(writer.transcript())
  const summary = askModel ? await askForSummary(parts, state, tools) : undefined
  context.signal.throwIfAborted()
  const stat = await readStat(parts, state)
  const segment = compactTranscript(writer.transcript(), { summary, stat, plan, nonce: newNonce() })
  // In one piece: a segment without its summary would have lost the work.
  await writer.append(segment)
  state.instructions.forget()
  context.emit({
    type: 'context.compacted',
    number: countCompactions(writer.transcript()),
    summaryBy: summary ? 'model' : 'host',
    tokensBefore,
    tokensAfter: estimateTokens(writer.transcript()),
  })
}

/** One request that continues the old segment; undefined when no summary came of it. */
async function askForSummary(
  { model, now, task, context }: LoopParts,
  state: LoopState,
  tools: readonly ToolSchema[],
): Promise<string | undefined> {
  const { writer } = state
  const { emit, signal: cancelled } = context
  writer.add({
    role: 'harness',
    about: 'compaction',
    parts: [{ type: 'text', text: SUMMARY_REQUEST }],
  })
  const turn = await takeTurn({
    ...state,
    ...{ model, tools, now, emit, cancelled, limits: task.limits, cacheKey: task.runId, wordsOnly: true },
  })
  if (typeof turn !== 'object' || 'reason' in turn) return undefined
  skipCalls(turn, { state, emit, why: 'Not carried out: only a summary was asked for.' })
  return turn.origin.stop === 'refusal' ? undefined : textOf(turn) || undefined
}

/** Answers the calls of a turn that nothing is to come of: providers refuse a call without an answer. */
export function skipCalls(
  turn: AssistantEntry,
  {
    state,
    emit,
    why,
  }: {
    readonly state: LoopState
    readonly emit: LoopParts['context']['emit']
    readonly why: string
  },
): void {
  const calls = callsOf(turn)
  if (calls.length === 0) return
  state.writer.add({ role: 'tool', parts: calls.map((call) => skipCall(call, { why, emit }).part) })
}

/** What git says is changed since the base commit; empty when it does not say. */
async function readStat(
  { context: { sandbox, signal }, task, now }: LoopParts,
  { meter }: LoopState,
): Promise<string> {
  const startedAt = now()
  const script = `git status --short -uall | head -n 100; git diff --stat --no-ext-diff ${task.baseSha} | tail -n 60`
  const result = await sandbox.exec(script, {
    cwd: task.workspace,
    env: LOOKING,
    signal,
    timeoutMs: 60_000,
    maxOutputBytes: MAX_STAT_BYTES,
  })
  meter.addTools(now() - startedAt, 0)
  return result.stdout
}
