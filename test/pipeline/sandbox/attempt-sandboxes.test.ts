import { expect, test } from 'vitest'
import type { Journal } from '../../../src/pipeline/journal.ts'
import { createAttemptSandboxes } from '../../../src/pipeline/sandbox/attempt-sandboxes.ts'
import type { Run } from '../../../src/runs/run.ts'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { SandboxError } from '../../../src/sandbox/sandbox.ts'
import { sharedSpawner } from '../../support/shared-spawner.ts'

const JOURNAL: Pick<Journal, 'step' | 'notice' | 'events'> = {
  notice: () => {},
  events: async () => [],
  step: async (_name, _starting, work) => (await work()).value,
}
const EGRESS = { allowHosts: [] }

function sandboxesOfOneAttempt() {
  const provider = createLocalSandboxProvider({
    mode: 'unconfined',
    deployment: 'test',
    spawner: sharedSpawner,
  })
  const saved: (string | undefined)[] = []
  const hidden: string[] = []
  const { signal } = new AbortController()
  const sandboxes = createAttemptSandboxes(provider, {
    attempt: {
      run: { id: crypto.randomUUID(), progress: {} } as Run,
      signal,
      saveProgress: async ({ sandboxId }) => void saved.push(sandboxId),
      record: async () => {},
    },
    journal: JOURNAL,
    hideHome: (home) => void hidden.push(home),
    pause: async () => {},
    operator: { hosts: [], ecosystems: false, repositories: [] },
  })
  return { provider, sandboxes, saved, hidden }
}

test('every sandbox of an attempt ends with it', async () => {
  const { provider, sandboxes, saved, hidden } = sandboxesOfOneAttempt()
  {
    await using held = sandboxes
    const first = await held.open({ earlierId: undefined, egress: EGRESS })
    const second = await held.open({ earlierId: undefined, egress: EGRESS })
    expect(saved).toEqual([first.sandbox.id, second.sandbox.id])
    expect(hidden).toEqual([first.sandbox.home, second.sandbox.home])
    expect([first.resumed, second.resumed]).toEqual([false, false])
  }
  for (const id of saved) await expect(provider.attach(id ?? '')).rejects.toBeInstanceOf(SandboxError)
})

test('when the run goes on elsewhere, the next attempt finds the sandbox alive', async () => {
  const { provider, sandboxes } = sandboxesOfOneAttempt()
  let earlierId = ''
  {
    await using held = sandboxes
    earlierId = (await held.open({ earlierId: undefined, egress: EGRESS })).sandbox.id
    held.handOver()
  }
  const next = createAttemptSandboxes(provider, {
    attempt: {
      run: { id: 'run', progress: {} } as Run,
      signal: new AbortController().signal,
      saveProgress: async () => {},
      record: async () => {},
    },
    journal: JOURNAL,
    hideHome: () => {},
    pause: async () => {},
    operator: { hosts: [], ecosystems: false, repositories: [] },
  })
  const { sandbox, resumed } = await next.open({ earlierId, egress: EGRESS })
  expect([sandbox.id, resumed]).toEqual([earlierId, true])
  await next[Symbol.asyncDispose]()
  await expect(provider.attach(earlierId)).rejects.toBeInstanceOf(SandboxError)
})

test('a sandbox that is gone is replaced by a new one', async () => {
  await using held = sandboxesOfOneAttempt().sandboxes
  const { resumed } = await held.open({ earlierId: 'no-such-sandbox', egress: EGRESS })
  expect(resumed).toBe(false)
})
