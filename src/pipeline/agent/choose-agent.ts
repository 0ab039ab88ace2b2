import type { Agent } from '../../agent/agent.ts'
import type { RepoEnvironment } from '../../checks/environment/environment.ts'
import type { AgentChoice, Run } from '../../runs/run.ts'
import { AGENT_NAMES, type AgentName, agentsText } from '../../text/agent-name.ts'
import { capitalized } from '../../text/capitalized.ts'
import type { Attempt } from '../attempt.ts'
import type { Journal } from '../journal.ts'

/** The agent that works on a run. */
export interface ChosenAgent {
  readonly agent: Agent
  /** Why no model is used, one line per provider; the dummy agent shows it. */
  readonly whyNoModel: readonly string[]
  /** Why another agent than the chosen one works: `The sandbox has no Claude Code.`; undefined if the chosen one works. */
  readonly instead?: string | undefined
}

/** Makes the agent for a run: the chosen one, or another one if the chosen one cannot work here. */
export type AgentFor = (run: Run, choice: { readonly agent: AgentName }) => Promise<ChosenAgent>

/** The operator's rules for choosing agents. */
export interface AgentRules {
  /** The agent that works when neither the request nor the repository names one. */
  readonly usual: AgentName
  /** The agents that a request or a repository may name. */
  readonly choosable: readonly AgentName[]
}

const NO_RULES: AgentRules = { usual: 'builtin', choosable: AGENT_NAMES }

/**
 * Decides which agent works on a run: the request's choice, else the repository's, else the operator's. The choice is
 * stored, so that every attempt of a run has the same agent. If a choice is not allowed or an agent cannot work here, a
 * notice says so once and another agent works.
 */
export function createAgentChooser(
  {
    agentFor,
    agentRules = NO_RULES,
  }: { readonly agentFor: AgentFor; readonly agentRules?: AgentRules | undefined },
  {
    attempt,
    journal,
  }: {
    readonly attempt: Pick<Attempt, 'run' | 'saveProgress'>
    readonly journal: Pick<Journal, 'notice' | 'events'>
  },
): (repo: Pick<RepoEnvironment, 'agent'>) => Promise<ChosenAgent> {
  const { run } = attempt
  let known = run.progress.agent

  async function warnOnce(message: string): Promise<void> {
    const events = await journal.events()
    const isSaid = events.some((event) => event.type === 'notice' && event.message === message)
    if (!isSaid) journal.notice('warning', message)
  }

  async function choose(repo: Pick<RepoEnvironment, 'agent'>): Promise<AgentChoice> {
    const { choice, refused } = decide(run, repo, agentRules)
    if (refused) await warnOnce(sayRefused(refused, choice, agentRules))
    await attempt.saveProgress({ agent: choice })
    return choice
  }

  return async (repo) => {
    known ??= await choose(repo)
    const chosen = await agentFor(run, { agent: known.name })
    if (chosen.instead !== undefined) await warnOnce(sayInstead(known, chosen))
    return chosen
  }
}

function decide(
  { request: { options } }: Pick<Run, 'request'>,
  repo: Pick<RepoEnvironment, 'agent'>,
  { usual, choosable }: AgentRules,
): { readonly choice: AgentChoice; readonly refused?: AgentChoice | undefined } {
  const wishes: readonly AgentChoice[] = [
    ...(options.agent === undefined ? [] : [{ name: options.agent, by: 'request' } as const]),
    ...(repo.agent === undefined ? [] : [{ name: repo.agent, by: 'repository' } as const]),
  ]
  const isAllowed = ({ name }: AgentChoice) => name === usual || choosable.includes(name)
  const [first] = wishes
  return {
    choice: wishes.find(isAllowed) ?? { name: usual, by: 'operator' },
    refused: first && !isAllowed(first) ? first : undefined,
  }
}

const ASKED = {
  request: 'The request asks for',
  repository: 'The repository asks for',
  operator: 'The operator chose',
}

function sayRefused(refused: AgentChoice, choice: AgentChoice, { choosable }: AgentRules): string {
  const cure = `BACKSPACE_AGENTS=${[...choosable, refused.name].join(',')}`
  return `${ASKED[refused.by]} ${withArticle(refused.name)}, which the operator of Backspace does not let people choose (\`${cure}\` would). ${capitalized(withArticle(choice.name))} works on this.`
}

function sayInstead({ name, by }: AgentChoice, { agent, instead = '' }: ChosenAgent): string {
  return `${ASKED[by]} ${withArticle(name)}, which cannot work here. ${instead} ${capitalized(withArticle(agent.name))} works on this.`
}

function withArticle(name: AgentName): string {
  const text = agentsText([name])
  return name === 'claude-code' ? text : `the ${text}`
}
