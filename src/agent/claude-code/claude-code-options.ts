import type { ModelGatewayOptions } from '../../models/gateway/model-gateway.ts'
import type { TokenPrices } from '../../models/pricing.ts'
import type { Agent } from '../agent.ts'

/** What the operator's settings say about Claude Code in a run. */
export interface ClaudeCodeOptions {
  /** The program's path inside the sandbox, or its name on PATH there. */
  readonly binary: string
  readonly upstream: ModelGatewayOptions['upstream']
  /** Ids at Anthropic. */
  readonly model: string
  readonly fallbackModel?: string | undefined
  /** What the operator says that models cost, by `anthropic:id`. */
  readonly prices?: Readonly<Record<string, TokenPrices>> | undefined
  readonly judge: ModelGatewayOptions['judge']
  /**
   * Goes on where Claude Code cannot.
   *
   * @param hasWorked whether Claude Code answered before: then what is in the workspace counts, and no report instead.
   */
  readonly next: (hasWorked: boolean) => Promise<Agent>
  /** Milliseconds since the epoch, with fractions. */
  readonly now?: (() => number) | undefined
  /** Marks, per run, where quoted text of others begins and ends; must not be guessable. */
  readonly newNonce?: (() => string) | undefined
  /** Milliseconds without a word after which Claude Code is given up; default: 3 minutes. */
  readonly silenceMs?: number | undefined
}
