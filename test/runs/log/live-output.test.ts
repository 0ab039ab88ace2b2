import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { createLiveOutput } from '../../../src/runs/log/live-output.ts'
import { openSharedDatabase } from '../../support/shared-postgres.ts'

let db: Database
beforeAll(async () => {
  db = await openSharedDatabase()
})
afterAll(() => db.close())

test('what a command prints reaches those who watch its run in another process, and no others', async () => {
  const errors: unknown[] = []
  const onError = (error: unknown) => errors.push(error)
  const worker = createLiveOutput({ db, onError })
  const web = createLiveOutput({ db, onError })
  expect(worker.isWatched('run-1')).toBe(false)
  const texts: string[] = []
  const others: string[] = []
  const stop = web.watch('run-1', (text) => texts.push(text))
  web.watch('run-2', (text) => others.push(text))
  await expect
    .poll(() => {
      void db.notify('backspace_watched', 'run-1')
      return worker.isWatched('run-1')
    })
    .toBe(true)
  expect(worker.isWatched('run-3')).toBe(false)
  await expect
    .poll(() => {
      worker.show('run-1', 'line one\n\u{1f600} two')
      return texts.length
    })
    .toBeGreaterThan(0)
  expect(texts[0]).toBe('line one\n\u{1f600} two')
  worker.show('run-1', `${'x'.repeat(5_000)}\n${'line of a long log\n'.repeat(200)}`)
  await expect.poll(() => texts.at(-1)?.startsWith('line of a long log\n')).toBe(true)
  expect(texts.at(-1)?.length).toBeLessThanOrEqual(1_900)
  // What was shown last is what stays, however fast it came.
  for (let line = 0; line < 50; line++) worker.show('run-1', `line ${line}`)
  worker.show('run-1', '')
  await expect.poll(() => texts.at(-1)).toBe('')
  stop()
  expect(others).toEqual([])
  expect(errors).toEqual([])
  await Promise.all([worker.close(), web.close()])
})
