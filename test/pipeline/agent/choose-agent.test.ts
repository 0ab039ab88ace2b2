import { expect, test } from 'vitest'
import type { Agent } from '../../../src/agent/agent.ts'
import {
  type AgentRules,
  type ChosenAgent,
  createAgentChooser,
} from '../../../src/pipeline/agent/choose-agent.ts'
import type { AgentChoice, Run, RunProgress } from '../../../src/runs/run.ts'
import type { RunEvent } from '../../../src/runs/run-event.ts'
import { AGENT_NAMES, type AgentName } from '../../../src/text/agent-name.ts'
import { aRequest } from '../../runs/start-runs.ts'

const ALL: AgentRules = { usual: 'builtin', choosable: AGENT_NAMES }

interface World {
  readonly asked?: AgentName
  readonly repository?: AgentName
  readonly rules?: AgentRules
  readonly known?: AgentChoice
  /** Why the chosen agent cannot work, so that the builtin one does. */
  readonly instead?: string
}

async function choose({ asked, repository, rules = ALL, known, instead }: World, times = 1) {
  const saved: RunProgress[] = []
  const events: RunEvent[] = []
  const run: Run = {
    id: 'r',
    status: 'running',
    request: aRequest({ options: { agent: asked } }),
    attempt: 1,
    budgetUsd: null,
    createdAt: new Date(0),
    startedAt: null,
    finishedAt: null,
    ending: null,
    progress: { agent: known },
  }
  const agentFor = async (_run: unknown, choice: { readonly agent: AgentName }): Promise<ChosenAgent> => ({
    agent: agentCalled(instead === undefined ? choice.agent : 'builtin'),
    whyNoModel: [],
    instead,
  })
  const chooseAgent = createAgentChooser(
    { agentFor, agentRules: rules },
    {
      attempt: {
        run,
        saveProgress: async (patch) => void saved.push(patch),
      },
      journal: {
        notice: (level, message) =>
          void events.push({ type: 'notice', level, message, runId: 'r', seq: 1, at: '' }),
        events: async () => events,
      },
    },
  )
  const names: AgentName[] = []
  for (let time = 0; time < times; time++) names.push((await chooseAgent({ agent: repository })).agent.name)
  const notices = events.flatMap((event) => ('message' in event ? [event.message] : []))
  return { names, saved: saved.map(({ agent }) => agent), notices }
}

function agentCalled(name: AgentName): Agent {
  return { name, work: () => Promise.reject(new Error('not asked to work')) }
}

test.each<[World, AgentChoice]>([
  [{}, { name: 'builtin', by: 'operator' }],
  [{ rules: { ...ALL, usual: 'claude-code' } }, { name: 'claude-code', by: 'operator' }],
  [{ repository: 'claude-code' }, { name: 'claude-code', by: 'repository' }],
  [
    { asked: 'dummy', repository: 'claude-code' },
    { name: 'dummy', by: 'request' },
  ],
  [
    { asked: 'builtin', rules: { ...ALL, usual: 'claude-code' } },
    { name: 'builtin', by: 'request' },
  ],
  [
    { asked: 'claude-code', rules: { usual: 'claude-code', choosable: [] } },
    { name: 'claude-code', by: 'request' },
  ],
])('the request counts before the repository, and that before the operator (%#)', async (world, choice) => {
  expect(await choose(world)).toEqual({ names: [choice.name], saved: [choice], notices: [] })
})

test('an agent that people may not choose does not work, and the run says how to allow it', async () => {
  const rules: AgentRules = { usual: 'builtin', choosable: ['builtin', 'dummy'] }
  const { names, saved, notices } = await choose({ asked: 'claude-code', repository: 'dummy', rules })
  expect({ names, saved }).toEqual({ names: ['dummy'], saved: [{ name: 'dummy', by: 'repository' }] })
  expect(notices).toEqual([
    'The request asks for Claude Code, which the operator of Backspace does not let people choose (`BACKSPACE_AGENTS=builtin,dummy,claude-code` would). The dummy agent works on this.',
  ])
})

test('an agent that cannot work here is replaced, and the run says so once', async () => {
  const { names, saved, notices } = await choose({ asked: 'claude-code', instead: 'There is no key.' }, 2)
  expect(names).toEqual(['builtin', 'builtin'])
  expect(saved).toEqual([{ name: 'claude-code', by: 'request' }])
  expect(notices).toEqual([
    'The request asks for Claude Code, which cannot work here. There is no key. The builtin agent works on this.',
  ])
})

test('the next attempt has the agent of the first, whatever the settings say by then', async () => {
  const known: AgentChoice = { name: 'claude-code', by: 'operator' }
  expect(await choose({ known, repository: 'dummy' })).toEqual({
    names: ['claude-code'],
    saved: [],
    notices: [],
  })
})
