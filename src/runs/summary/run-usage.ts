import type { ModelTurnEvent, ToolFinishedEvent } from '../../agent/agent-event.ts'
import type { AgentName } from '../../text/agent-name.ts'
import { costText } from '../../text/amounts.ts'
import type { RunEvent, RunTotals } from '../run-event.ts'
import { type ProviderTrouble, type UsageByProvider, withProvider, withTrouble } from './provider-usage.ts'
import { addToolTime, NO_TOOL_TIME, type ToolTime } from './tool-time.ts'

/** What a run has used so far, over all of its attempts, added up event by event. Times are in milliseconds. */
export interface RunUsage {
  readonly attempts: number
  readonly turns: number
  readonly tokens: ModelTurnEvent['usage']
  /** Dollars of the turns whose price is known. */
  readonly knownCostUsd: number
  readonly unpricedTurns: number
  /** In the order of first use. */
  readonly providers: readonly UsageByProvider[]
  /** Such as `anthropic:claude-opus-5-5`, in the order of first use. */
  readonly models: readonly string[]
  /** The agents that began to work, in order; see `agentsOf`. */
  readonly agents: readonly BegunAgent[]
  /** The agent that began last. It may have begun before, too. */
  readonly agentNow: AgentName | null
  readonly modelMs: number
  /** Times to the first token, of the last `MOST_TURNS` turns. */
  readonly firstTokensMs: readonly number[]
  readonly harnessMs: number
  readonly limitsUsed: RunTotals['limitsUsed']
  readonly troubles: readonly ProviderTrouble[]
  readonly retries: number
  readonly fallbacks: number
  readonly bounces: number
  readonly toolCalls: number
  readonly toolErrors: number
  readonly editsOk: number
  readonly editsFailed: number
  readonly toolTime: ToolTime
  readonly agent: AgentTime
}

interface BegunAgent {
  readonly name: AgentName
  /**
   * Whether a model answered the agent or the agent used a tool. False for one that is not installed or has no model.
   */
  readonly hasWorked: boolean
}

/** How long agents worked. An attempt that died counts up to the last event that it wrote. */
interface AgentTime {
  /** Milliseconds in agent steps that are over. */
  readonly ms: number
  /** When the present agent step began; null between steps. Like `lastAt`, in milliseconds since the epoch. */
  readonly since: number | null
  readonly lastAt: number
}

export const NO_RUN_USAGE: RunUsage = {
  attempts: 0,
  turns: 0,
  tokens: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
  knownCostUsd: 0,
  unpricedTurns: 0,
  providers: [],
  models: [],
  agents: [],
  agentNow: null,
  modelMs: 0,
  firstTokensMs: [],
  harnessMs: 0,
  limitsUsed: null,
  troubles: [],
  retries: 0,
  fallbacks: 0,
  bounces: 0,
  toolCalls: 0,
  toolErrors: 0,
  editsOk: 0,
  editsFailed: 0,
  toolTime: NO_TOOL_TIME,
  agent: { ms: 0, since: null, lastAt: 0 },
}

/** Adds one event. Events must come in order, each once. */
export function foldUsage(before: RunUsage, event: RunEvent): RunUsage {
  const usage = { ...before, agent: withAgentTime(before.agent, event) }
  switch (event.type) {
    case 'run.started':
      return { ...usage, attempts: usage.attempts + 1 }
    case 'step.started':
    case 'agent.notice':
      return event.agent === undefined ? usage : beginAgent(usage, event.agent)
    case 'model.turn':
      return withTurn(markWorking(usage), event)
    case 'model.retried':
      return {
        ...usage,
        retries: usage.retries + 1,
        troubles: withTrouble(usage.troubles, event.model, 'retries'),
      }
    case 'model.switched':
      return {
        ...usage,
        fallbacks: usage.fallbacks + 1,
        troubles: withTrouble(usage.troubles, event.from, 'fallbacks'),
      }
    case 'finish.reviewed':
      return event.verdict === 'sent_back' ? { ...usage, bounces: usage.bounces + 1 } : usage
    case 'tool.finished':
      return withTool(markWorking(usage), event)
    default:
      return usage
  }
}

function withAgentTime({ ms, since, lastAt }: AgentTime, event: RunEvent): AgentTime {
  const at = Date.parse(event.at)
  if (event.type === 'run.started' && since !== null)
    return { ms: ms + lastAt - since, since: null, lastAt: at }
  const isAgentStep = 'step' in event && event.step === 'agent'
  if (isAgentStep && event.type === 'step.started') return { ms, since: at, lastAt: at }
  if (isAgentStep && since !== null) return { ms: ms + at - since, since: null, lastAt: at }
  return { ms, since, lastAt: at }
}

/** Milliseconds that agents have worked, over all attempts. */
export function agentMs({ agent: { ms, since, lastAt } }: RunUsage): number {
  return Math.max(0, ms + (since === null ? 0 : lastAt - since))
}

/** Adding an event must take the same time however many came before, so the times of older turns are forgotten. */
const MOST_TURNS = 1_000

function withTurn(usage: RunUsage, turn: ModelTurnEvent): RunUsage {
  const { provider, costUsd, firstTokenMs, durationMs, waitedMs, harnessMs } = turn
  const { input, cacheRead, cacheWrite, output } = usage.tokens
  const name = `${provider}:${turn.model}`
  return {
    ...usage,
    turns: usage.turns + 1,
    tokens: {
      input: input + turn.usage.input,
      cacheRead: cacheRead + turn.usage.cacheRead,
      cacheWrite: cacheWrite + turn.usage.cacheWrite,
      output: output + turn.usage.output,
    },
    knownCostUsd: usage.knownCostUsd + (costUsd ?? 0),
    unpricedTurns: usage.unpricedTurns + (costUsd === null ? 1 : 0),
    providers: withProvider(usage.providers, turn),
    models: usage.models.includes(name) ? usage.models : [...usage.models, name],
    modelMs: usage.modelMs + (waitedMs ?? durationMs),
    firstTokensMs:
      firstTokenMs === null ? usage.firstTokensMs : [...usage.firstTokensMs, firstTokenMs].slice(-MOST_TURNS),
    harnessMs: usage.harnessMs + harnessMs,
    limitsUsed: turn.run?.limits ?? null,
  }
}

function beginAgent(usage: RunUsage, name: AgentName): RunUsage {
  const isKnown = usage.agents.some((agent) => agent.name === name)
  const agents = isKnown ? usage.agents : [...usage.agents, { name, hasWorked: false }]
  return { ...usage, agents, agentNow: name }
}

function markWorking(usage: RunUsage): RunUsage {
  const { agents, agentNow } = usage
  if (!agents.some(({ name, hasWorked }) => name === agentNow && !hasWorked)) return usage
  return {
    ...usage,
    agents: agents.map((agent) => (agent.name === agentNow ? { ...agent, hasWorked: true } : agent)),
  }
}

/**
 * The agents that did some work, in order, and the one that began last in any case. Undefined if none began, and in
 * older runs.
 */
export function agentsOf({ agents, agentNow }: RunUsage): readonly AgentName[] | undefined {
  const worked = agents.filter(({ name, hasWorked }) => hasWorked || name === agentNow)
  return worked.length === 0 ? undefined : worked.map(({ name }) => name)
}

function withTool(usage: RunUsage, event: ToolFinishedEvent & { readonly at: string }): RunUsage {
  const { tool, status, at, durationMs } = event
  const isEdit = tool === 'edit' || tool === 'write'
  const end = Date.parse(at)
  return {
    ...usage,
    toolCalls: usage.toolCalls + 1,
    toolErrors: usage.toolErrors + (status === 'error' ? 1 : 0),
    editsOk: usage.editsOk + (isEdit && status === 'ok' ? 1 : 0),
    editsFailed: usage.editsFailed + (isEdit && status === 'error' ? 1 : 0),
    toolTime: addToolTime(usage.toolTime, { start: end - durationMs, end }),
  }
}

/** Dollars; null when the price of a turn is unknown, and 0 for a run that asked no model. */
export function costOf({
  knownCostUsd,
  unpricedTurns,
}: Pick<RunUsage, 'knownCostUsd' | 'unpricedTurns'>): number | null {
  return unpricedTurns > 0 ? null : dollars(knownCostUsd)
}

/** The cost of a run, for people: a lower bound where the price of some turns is unknown. */
export function totalCost({ costUsd, knownCostUsd }: Pick<RunTotals, 'costUsd' | 'knownCostUsd'>): string {
  if (costUsd !== null) return costText(costUsd)
  return knownCostUsd > 0 ? `at least ${costText(knownCostUsd)}` : costText(null)
}

/** Rounds away the errors that adding fractions leaves behind. */
export function dollars(usd: number): number {
  return Math.round(usd * 1e6) / 1e6
}
