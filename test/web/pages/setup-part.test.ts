import { expect, test } from 'vitest'
import type { SetupFinishedEvent } from '../../../src/runs/run-event.ts'
import { foldEvents } from '../../../src/runs/summary/run-state.ts'
import { setupPart } from '../../../src/web/pages/run-parts.ts'
import { eventsOf } from '../a-run.ts'

const limits = { setupMs: 1000, checkMs: 1000, checksMs: 1000 }

function partOf(event: Partial<SetupFinishedEvent>): string {
  const events = eventsOf([{ type: 'setup.finished', results: [], limits, ...event }])
  return String(setupPart(foldEvents(events)))
}

test('the page shows what the setup cache saved, and nothing where there was no setup', () => {
  expect(partOf({ cache: { result: 'hit', savedMs: 30_000 } })).toContain(
    '<p>The setup cache has the dependencies, which saved 30.0 s.</p>',
  )
  expect(partOf({ reason: 'npm is missing' })).toContain('<p class="reason">npm is missing</p>')
  for (const cache of [undefined, { result: 'miss', savedMs: 0 } as const])
    expect(partOf({ cache })).not.toContain('Setup')
})
