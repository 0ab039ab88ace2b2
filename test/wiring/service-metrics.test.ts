import { expect, test } from 'vitest'
import { createModelChain } from '../../src/models/chain/create-model-chain.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { listenToModels } from '../../src/wiring/service-metrics.ts'
import { after, asking, conversation } from '../models/conversation.ts'
import { startAnthropic } from '../stand-ins/anthropic.ts'

test('the operator reads what a provider said, and which requests do not continue the one before', async () => {
  const claude = await startAnthropic({
    script: [{ text: 'Hello.' }, { fault: { status: 402, message: 'Pay the invoice.' } }],
  })
  const lines: string[] = []
  const metrics = createMetrics()
  const logger = createLogger({
    ...{ level: 'info', redact: createRedact([]) },
    write: (line) => void lines.push(line),
  })
  const { model } = await createModelChain({
    ...{ refs: [{ provider: 'anthropic', id: 'claude-opus-5-5' }], access: { anthropic: claude } },
    ...listenToModels({ metrics, logger }, 'run-1'),
  })
  try {
    const first = await model?.respond(conversation('Fix it.'), asking())
    if (!first) throw new Error('there is a key')
    await expect(
      model?.respond(after(conversation('Fix it, please.'), first), asking()),
    ).rejects.toMatchObject({
      class: 'billing',
    })
  } finally {
    await claude.close()
  }
  const [violation, failure] = lines.map((line) => JSON.parse(line) as unknown)
  expect(violation).toMatchObject({ level: 'error', runId: 'run-1', violation: 'item 0 changed' })
  expect(failure).toMatchObject({
    ...{ level: 'error', runId: 'run-1', errorClass: 'billing', model: 'anthropic:claude-opus-5-5' },
    err: { cause: { message: expect.stringMatching(/^Pay the invoice.*request req_/) } },
  })
  expect(await metrics.render()).toContain('backspace_transcript_violations_total 1')
})
