import { expect, onTestFinished, test } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { createModelChain } from '../../../src/models/chain/create-model-chain.ts'
import { startAnthropic } from '../../stand-ins/anthropic.ts'
import type { RecordedRequest, ScriptedAnswer, Step } from '../../stand-ins/models/script.ts'
import { startOpenAI } from '../../stand-ins/openai.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { call, DONE, EDIT } from '../support/scripted-turns.ts'
import { workOn } from '../support/work-on.ts'

const REFS = [
  { provider: 'anthropic', id: 'claude-opus-5-5' },
  { provider: 'openai', id: 'gpt-6.1-sol' },
] as const
const LOOK: ScriptedAnswer = {
  ...{ reasoning: 'Hm.', text: 'Looking.' },
  calls: [...call('read', { file_path: 'hello.txt' }).calls, ...call('bash', { command: 'ls' }).calls],
}

/** These steps one after the other; an attempt after a restart finishes at once. */
function orFinish(steps: readonly Step[]) {
  let next = 0
  return ({ body }: RecordedRequest): Step => {
    const resumed = JSON.stringify(body).includes('was interrupted and goes on now')
    return resumed ? DONE : (steps[next++] ?? DONE)
  }
}

test('a run goes on from wherever it was killed, with either provider, and asks nothing that is refused', async () => {
  const claude = await startAnthropic({
    script: orFinish([LOOK, { reasoning: '', ...EDIT }, { fault: { status: 402 } }]),
  })
  const gpt = await startOpenAI({ script: orFinish([LOOK, { reasoning: 'So.', ...DONE }]) })
  onTestFinished(async () => void (await Promise.all([claude.close(), gpt.close()])))
  const violations: string[] = []
  const agentOf = async (refs: (typeof REFS)[number][]) => {
    const onViolation = (violation: string) => void violations.push(violation)
    const { model } = await createModelChain({
      refs,
      access: { anthropic: claude, openai: gpt },
      onViolation,
    })
    if (!model) throw new Error('both have keys')
    return createBuiltinAgent({ model })
  }
  const place = await openWorkspace({ 'hello.txt': 'hello\n' })
  const { checkpoints, outcome } = await workOn(place, await agentOf([...REFS]))
  expect(outcome).toMatchObject({
    kind: 'done',
    totals: { models: [expect.any(String), expect.any(String)] },
  })

  for (const [line, stored] of checkpoints.entries()) {
    const refs = line % 2 === 0 ? [...REFS] : REFS.toReversed()
    const resume = JSON.parse(JSON.stringify(stored))
    const resumed = await workOn(place, await agentOf(refs), { context: { resume } })
    expect(resumed.outcome.kind).toBe('done')
    expect(resumed.checkpoints.at(-1)?.entries.slice(0, line + 1)).toEqual(resume.entries)
  }
  expect([claude.rejections, gpt.rejections, violations]).toEqual([[], [], []])
})
