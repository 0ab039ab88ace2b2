import { randomUUID } from 'node:crypto'
import { getEventListeners } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { createRunLog } from '../../src/runs/log/run-log.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { createRunFolds } from '../../src/web/live/run-folds.ts'
import { createWatchRuns } from '../../src/web/live/watch-runs.ts'
import type { RunPageData } from '../../src/web/pages/run-page.ts'
import { openSharedDatabase } from '../support/shared-postgres.ts'

test('a live page that its reader leaves keeps nothing of it until the process ends', async () => {
  const db = await openSharedDatabase()
  onTestFinished(() => db.close())
  const log = createRunLog({ db })
  onTestFinished(() => log.close())
  const closing = new AbortController()
  const watch = createWatchRuns({
    log,
    closing: closing.signal,
    reportError: (error) => expect.fail(String(error)),
    folds: createRunFolds({ log, redact: createRedact([]) }),
    // No part is drawn for a run without events.
    view: async () => ({ waiting: null }) as unknown as RunPageData,
    drawParts: async () => undefined,
  })
  const kept = () => getEventListeners(closing.signal, 'abort').length
  for (let visit = 0; visit < 3; visit++) {
    const left = new AbortController()
    watch.open(randomUUID(), { after: 0, split: false, signal: left.signal })
    await expect.poll(kept).toBe(1)
    left.abort()
    await expect.poll(kept, { timeout: 5000 }).toBe(0)
  }
}, 30_000)
