import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { RunEvent } from '../../src/runs/run-event.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { logRuns } from '../../src/telemetry/log-runs.ts'
import { createLogger, workInProgress } from '../../src/telemetry/logger.ts'
import { NO_TOTALS } from '../runs/start-runs.ts'
import { run, story } from './traced-story.ts'

function openLog() {
  const lines: Record<string, unknown>[] = []
  const logger = createLogger({
    level: 'debug',
    redact: createRedact([]),
    contextOf: (runId) => (runId === 'r-1' ? { trace_id: 't', span_id: 's' } : undefined),
    write: (line) => void lines.push(JSON.parse(line)),
  })
  return { logger, lines }
}

test('each line of a run carries its id and its trace, also one of a library', async () => {
  const { logger, lines } = openLog()
  await workInProgress.run({ runId: 'r-1' }, async () => {
    await setImmediate()
    logger.warn('a library complains')
    logger.info({ runId: 'r-2' }, 'about another run')
  })
  await workInProgress.run({ deliveryId: 'd-1' }, async () => logger.info('a webhook'))
  logger.info({ runId: 'r-1' }, 'from outside')
  logger.info('about nothing')
  expect(lines.map(({ level, time, ...line }) => line)).toEqual([
    { runId: 'r-1', trace_id: 't', span_id: 's', msg: 'a library complains' },
    { runId: 'r-2', msg: 'about another run' },
    { deliveryId: 'd-1', msg: 'a webhook' },
    { runId: 'r-1', trace_id: 't', span_id: 's', msg: 'from outside' },
    { msg: 'about nothing' },
  ])
})

test('the life of a run is logged in facts, without what people and models wrote', () => {
  const { logger, lines } = openLog()
  const log = logRuns(logger)
  const events = [
    { type: 'run.queued', repository: 'acme/api', runUrl: '', eventsUrl: '', position: 1 },
    { type: 'run.started', attempt: 1 },
    ...story,
    { type: 'run.failed', code: 'time_limit', message: 'I will run the tests.', totals: NO_TOTALS },
  ]
  for (const [index, body] of events.entries())
    log({ ...body, runId: run.id, seq: index + 1, at: new Date().toISOString() } as RunEvent)
  expect(lines.map(({ msg, runId }) => [msg, runId])).toEqual(
    ['run queued', 'run started', 'step ended', 'step ended', 'run succeeded', 'run failed'].map((msg) => [
      msg,
      run.id,
    ]),
  )
  expect(JSON.stringify(lines)).not.toMatch(/run the tests|npm test/)
})
