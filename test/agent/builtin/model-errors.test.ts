import { expect, test } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { createDummyAgent } from '../../../src/agent/dummy/dummy-agent.ts'
import { createFallbackAgent } from '../../../src/agent/fallback-agent.ts'
import { ModelError, type ModelErrorClass } from '../../../src/models/model-error.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { EDIT, scriptedTurns } from '../support/scripted-turns.ts'
import { startWork, workOn } from '../support/work-on.ts'

const FILES = { 'hello.txt': 'hello\n' }

function modelError(errorClass: ModelErrorClass, userMessage: string): ModelError {
  return new ModelError({ class: errorClass, provider: 'scripted', model: 'test', userMessage })
}

test('a model that never answered is the error of the run', async () => {
  const error = modelError('billing', 'The account has no credit.')

  const { outcome } = startWork(
    await openWorkspace(FILES),
    createBuiltinAgent({ model: scriptedTurns([error]) }),
  )

  await expect(outcome).rejects.toBe(error)
})

test('a model that stops after it has worked leaves what it did', async () => {
  const place = await openWorkspace(FILES)
  const model = scriptedTurns([EDIT, modelError('overloaded', 'The provider is overloaded.')])

  const { outcome } = await workOn(place, createBuiltinAgent({ model }))

  expect(outcome).toMatchObject({
    kind: 'partial',
    code: 'model_unavailable',
    reason: 'No model could continue: The provider is overloaded.',
  })
  expect(await place.read('hello.txt')).toBe('good morning\n')
})

test('a refusal after work has its own code', async () => {
  const model = scriptedTurns([EDIT, modelError('refusal', 'The model declined.')])

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome).toMatchObject({ kind: 'partial', code: 'model_refused' })
})

test('retries and changes of model become events', async () => {
  const retry = { kind: 'retry', model: 'a', errorClass: 'hang', attempt: 1, waitMs: 10 } as const
  const change = { kind: 'switch', from: 'a', to: 'b', errorClass: 'billing', reason: 'No credit.' } as const
  const model = scriptedTurns([
    {
      text: 'Hm.',
      before: ({ onNotice }) => {
        onNotice?.(retry)
        onNotice?.(change)
      },
    },
  ])

  const { events } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(events.slice(0, 2)).toEqual([
    { type: 'model.retried', model: 'a', errorClass: 'hang', attempt: 1, waitMs: 10 },
    { type: 'model.switched', from: 'a', to: 'b', errorClass: 'billing', reason: 'No credit.' },
  ])
})

test('without any model the dummy agent works, and says why', async () => {
  const first = createBuiltinAgent({ model: scriptedTurns([modelError('auth', 'The key is not valid.')]) })
  const agent = createFallbackAgent({ first, dummy: createDummyAgent() })

  const { outcome, events } = await workOn(await openWorkspace(FILES), agent, {
    task: { whyNoModel: ['openai: no key is set'] },
  })

  expect(outcome).toMatchObject({ kind: 'triage', totals: { models: ['dummy'] } })
  expect(outcome.summary).toContain('No AI model was used: openai: no key is set; The key is not valid.')
  expect(events[0]).toMatchObject({ type: 'agent.notice', level: 'warning' })
})

test('a refusal is not handed to the dummy agent', async () => {
  const error = modelError('refusal', 'The model declined.')
  const first = createBuiltinAgent({ model: scriptedTurns([error]) })
  const agent = createFallbackAgent({ first, dummy: createDummyAgent() })

  const { outcome } = startWork(await openWorkspace(FILES), agent)

  await expect(outcome).rejects.toBe(error)
})
