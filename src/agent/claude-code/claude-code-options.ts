import type { ModelGatewayOptions } from '../../models/gateway/model-gateway.ts'
import type { TokenPrices } from '../../models/pricing.ts'
import type { Agent } from '../agent.ts'

/** How Claude Code works in a run, according to the operator's settings. */
export interface ClaudeCodeOptions {
  /** The program's path inside the sandbox, or its name on PATH there. */
  readonly binary: string
  readonly upstream: ModelGatewayOptions['upstream']
  /** Model ids of Anthropic. */
  readonly model: string
  readonly fallbackModel?: string | undefined
  /** The operator's own prices of models, by `anthropic:id`. */
  readonly prices?: Readonly<Record<string, TokenPrices>> | undefined
  readonly judge: ModelGatewayOptions['judge']
  /**
   * Makes the agent that takes over when Claude Code cannot continue.
   *
   * @param hasWorked whether Claude has answered before. The work in the workspace then counts, so the dummy agent's report
   * must not replace it.
   */
  readonly next: (hasWorked: boolean) => Promise<Agent>
  /** Milliseconds since the epoch, with fractions. */
  readonly now?: (() => number) | undefined
  /** Makes the marker, new for each run and not guessable, around quoted text from outsiders. */
  readonly newNonce?: (() => string) | undefined
  /** After so many milliseconds of silence another agent takes over. Default: 3 minutes. */
  readonly silenceMs?: number | undefined
}
