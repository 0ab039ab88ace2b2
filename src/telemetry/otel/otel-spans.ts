import {
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace as traceApi,
} from '@opentelemetry/api'
import type { Run } from '../../runs/run.ts'
import type { RunEvent, TerminalEvent } from '../../runs/run-event.ts'
import { type ChecksState, foldChecks, judgeStep, NO_CHECKS } from '../../runs/summary/run-state.ts'
import { type Redact, redactInTurns } from '../../secrets/redact.ts'
import { type Attributes, inputMessages, toolAttributes, turnAttributes } from './gen-ai.ts'

/** The spans of a run that is working. */
export interface OtelTrace {
  readonly root: Span
  readonly steps: Map<string, Span>
  /** What the model has written since its last turn, which is the output of the turn that follows. */
  text: string
  checks: ChecksState
}

interface OtelTraces {
  begin(run: Run): Promise<OtelTrace>
  record(trace: OtelTrace, event: RunEvent): void
  /** Ends a trace because another process continues the run. */
  interrupt(trace: OtelTrace): void
}

interface SpanFacts {
  readonly name: string
  readonly kind?: SpanKind | undefined
  readonly startTime: Date
  readonly attributes: Attributes
}

/**
 * Makes spans from the events of a run: the run, below it its steps, and below the step `agent` the model's turns and
 * tool calls.
 *
 * @param options.rootOf calls back to start the root span of a run, whose trace gets the run's id.
 * @param options.content whether to send what people, models and tools wrote.
 */
export function createOtelTraces({
  tracer,
  rootOf,
  content,
  redact,
}: {
  readonly tracer: Tracer
  readonly rootOf: <T>(runId: string, start: () => T) => T
  readonly content: boolean
  readonly redact: Redact
}): OtelTraces {
  function start(facts: SpanFacts, parent?: Span): Span {
    const { name, kind = SpanKind.INTERNAL, startTime, attributes } = facts
    const around = parent ? traceApi.setSpan(context.active(), parent) : context.active()
    return tracer.startSpan(name, { kind, startTime, root: parent === undefined, attributes }, around)
  }

  /** Starts a span at its past beginning, since its event comes when the span is over. */
  function startEnded(
    facts: Omit<SpanFacts, 'startTime'> & { readonly endMs: number; readonly ms: number },
    parent: Span,
  ): Span {
    return start({ ...facts, startTime: new Date(facts.endMs - facts.ms) }, parent)
  }

  function recordStep(trace: OtelTrace, event: Extract<RunEvent, { type: 'step.started' }>): void {
    const { step, agent } = event
    const named = step === 'agent' && agent !== undefined
    const attributes = {
      'backspace.step': step,
      'gen_ai.operation.name': named ? 'invoke_agent' : undefined,
      'gen_ai.agent.name': named ? agent : undefined,
      'gen_ai.conversation.id': named ? event.runId : undefined,
    }
    const name = named ? `invoke_agent ${agent}` : step
    trace.steps.set(step, start({ name, startTime: new Date(event.at), attributes }, trace.root))
  }

  function endStep(trace: OtelTrace, judged: Extract<RunEvent, { type: 'step.finished' }>): void {
    const span = trace.steps.get(judged.step)
    if (!span) return
    trace.steps.delete(judged.step)
    span.setAttribute('backspace.step.status', judged.status)
    if (judged.status === 'failed') fail(span, 'step_failed', judged.message)
    span.end(new Date(judged.at))
  }

  function fail(span: Span, type: string, message: string): void {
    span.setAttribute('error.type', type)
    span.setStatus({ code: SpanStatusCode.ERROR, message: content ? message : type })
  }

  function recordInAgent(trace: OtelTrace, event: RunEvent): void {
    const parent = trace.steps.get('agent') ?? trace.root
    const at = new Date(event.at)
    const endMs = at.getTime()
    if (event.type === 'model.turn') {
      const attributes = turnAttributes(event, content ? trace.text : undefined)
      trace.text = ''
      const name = `chat ${event.model}`
      const facts = { name, kind: SpanKind.CLIENT, attributes, endMs, ms: event.durationMs }
      startEnded(facts, parent).end(at)
      return
    }
    if (event.type === 'tool.finished') {
      const attributes = toolAttributes(event, content)
      const span = startEnded(
        { name: `execute_tool ${event.tool}`, attributes, endMs, ms: event.durationMs },
        parent,
      )
      if (event.status === 'error') fail(span, 'tool_error', event.title)
      span.end(at)
      return
    }
    const happened = spanEvent(event)
    if (happened) parent.addEvent(happened.name, happened.attributes, at)
  }

  function endRoot({ root, steps }: OtelTrace, event: RunEvent & TerminalEvent): void {
    const end = new Date(event.at)
    for (const span of steps.values()) span.end(end)
    root.setAttributes(endAttributes(event))
    if (event.type === 'run.failed') fail(root, event.code, event.message)
    root.end(end)
  }

  return {
    async begin(run) {
      const { prompt, requester } = run.request
      const attributes = await redactInTurns(
        {
          ...runAttributes(run),
          'backspace.requester': requester.login,
          'gen_ai.input.messages': content ? inputMessages(prompt) : undefined,
        },
        redact,
      )
      const root = rootOf(run.id, () => start({ name: 'backspace run', startTime: new Date(), attributes }))
      return { root, steps: new Map(), text: '', checks: NO_CHECKS }
    },
    record(trace, event) {
      trace.checks = foldChecks(trace.checks, event)
      if (event.type === 'step.started') return recordStep(trace, event)
      if (event.type === 'step.finished') return endStep(trace, judgeStep(event, trace.checks))
      if ('totals' in event) return endRoot(trace, event)
      // Kept only if it will be sent, and limited, so that an agent that never ends a turn cannot fill the memory.
      if (event.type === 'agent.message')
        trace.text = content ? `${trace.text}${event.text}\n`.slice(-16_384) : ''
      recordInAgent(trace, event)
    },
    interrupt({ root, steps }) {
      root.setAttribute('backspace.run.status', 'interrupted')
      for (const span of [...steps.values(), root]) span.end()
    },
  }
}

function runAttributes({ id, attempt, request, createdAt }: Run): Attributes {
  const { owner, name } = request.repository
  return {
    'gen_ai.conversation.id': id,
    'vcs.owner.name': owner,
    'vcs.repository.name': name,
    'backspace.run.id': id,
    'backspace.run.attempt': attempt,
    'backspace.run.trigger': request.trigger,
    'backspace.run.queued_ms': attempt === 1 ? Math.max(0, Date.now() - createdAt.getTime()) : undefined,
    'backspace.run.parent_id': request.parentRunId,
  }
}

function endAttributes(event: TerminalEvent): Attributes {
  const { totals } = event
  return {
    'backspace.run.status': event.type.slice('run.'.length),
    'backspace.run.outcome': event.type === 'run.succeeded' ? event.outcome : undefined,
    'backspace.run.verdict': totals.verdict?.tone,
    'backspace.run.cost_usd': totals.costUsd ?? undefined,
    'backspace.run.turns': totals.turns,
    'backspace.run.tool_calls': totals.toolCalls,
    'backspace.run.input_tokens': totals.inputTokens + totals.cacheReadTokens + totals.cacheWriteTokens,
    'backspace.run.output_tokens': totals.outputTokens,
    'backspace.run.attempts': totals.attempts,
  }
}

/** The event that is added to a span for something that happens at one moment; undefined for other events. */
function spanEvent(event: RunEvent): { readonly name: string; readonly attributes: Attributes } | undefined {
  switch (event.type) {
    case 'model.retried': {
      const attributes = { 'gen_ai.request.model': event.model, 'error.type': event.errorClass }
      return { name: 'model retried', attributes: { ...attributes, 'backspace.model.wait_ms': event.waitMs } }
    }
    case 'model.switched': {
      const attributes = { 'backspace.model.from': event.from, 'backspace.model.to': event.to }
      return { name: 'model switched', attributes: { ...attributes, 'error.type': event.errorClass } }
    }
    case 'context.compacted': {
      const { tokensBefore, tokensAfter } = event
      const attributes = { 'backspace.tokens_before': tokensBefore, 'backspace.tokens_after': tokensAfter }
      return { name: 'context compacted', attributes }
    }
    case 'finish.reviewed': {
      const attributes = { 'backspace.claim': event.claim, 'backspace.claim.verdict': event.verdict }
      return { name: 'finish reviewed', attributes }
    }
    default:
      return undefined
  }
}
