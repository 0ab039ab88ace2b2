import {
  createModelGateway,
  type GatewayTurn,
  type ModelGateway,
  type ModelGatewayOptions,
} from '../../models/gateway/model-gateway.ts'
import { priceTurn, type TokenPrices } from '../../models/pricing.ts'
import { countTokens } from '../../models/transcript.ts'
import type { AgentEvent } from '../agent-event.ts'
import type { AgentRun } from '../builtin/agent-run.ts'
import { type LimitVerdict, type RunLimits, shareOf } from '../builtin/limits.ts'

/** The gateway of one run, which also enforces the limits of the run. */
export interface MeteredGateway extends ModelGateway {
  /** The limit that made the gateway refuse a request; undefined when it refused none. */
  readonly reached: () => LimitVerdict | undefined
}

/** Opens a gateway that counts each turn and refuses requests beyond a limit of the run. */
export function openGateway(
  run: AgentRun,
  given: Pick<ModelGatewayOptions, 'upstream' | 'models' | 'judge'> & {
    readonly limits: RunLimits
    /** The operator's own prices of models, by `anthropic:id`. */
    readonly prices: Readonly<Record<string, TokenPrices>>
  },
): MeteredGateway {
  const { task, context, usage, deadline } = run
  const { limits, prices, upstream, models, judge } = given
  let reached: LimitVerdict | undefined

  function addTurn(turn: GatewayTurn): void {
    if (turn.status !== 200) return
    const { model, cacheWrite1h } = turn
    const price = { prices: prices[`anthropic:${model}`], cacheWrite1h }
    const costUsd = priceTurn({ provider: 'anthropic', model, usage: turn.usage, ...price })
    usage.addTurn({ origin: { provider: 'anthropic', model, usage: turn.usage }, costUsd }, turn.durationMs)
    context.emit(turnEvent(turn, costUsd))
  }

  function turnEvent(turn: GatewayTurn, costUsd: number | undefined): AgentEvent {
    const used = usage.used()
    const durationMs = Math.round(turn.durationMs)
    return {
      type: 'model.turn',
      turn: used.steps,
      provider: 'anthropic',
      model: turn.model,
      usage: turn.usage,
      costUsd: costUsd ?? null,
      durationMs,
      firstTokenMs: turn.firstTokenMs === undefined ? null : Math.round(turn.firstTokenMs),
      attempts: 1,
      stop: STOPS[turn.stop] ?? turn.stop,
      // The time that Claude Code itself takes is not Backspace's.
      harnessMs: Math.round(turn.ownMs * 10) / 10,
      waitedMs: durationMs,
      contextTokens: countTokens(turn.usage),
      responseId: turn.responseId,
      run: { tokens: used.tokens, usd: used.usd, limits: shareOf(task.limits, used) },
    }
  }

  const gateway = createModelGateway({
    runId: task.runId,
    upstream,
    models,
    judge,
    onTurn: addTurn,
    refusal() {
      const verdict = limits.check()
      if (verdict.level !== 'reached' && !deadline.aborted) return undefined
      reached = verdict
      const message = `The run reached its limit: ${verdict.nearest}.`
      return { status: 402, type: 'billing_error', message }
    },
  })
  return { ...gateway, reached: () => reached }
}

/** Anthropic's stop reasons, translated to the common names of all providers. */
const STOPS: Readonly<Record<string, string>> = {
  end_turn: 'end',
  stop_sequence: 'end',
  pause_turn: 'pause',
  model_context_window_exceeded: 'context',
}
