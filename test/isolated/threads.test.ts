import { afterAll, expect, test } from 'vitest'
import { createThreads } from '../../src/isolated/threads.ts'
import type { DiffableFile } from '../../src/pipeline/collect/diff-file.ts'
import type { ServiceTasks } from '../../src/wiring/isolated-thread.ts'
import type { SlowToLoad } from './slow-to-load.ts'

const threads = createThreads<ServiceTasks>(new URL('../../src/wiring/isolated-thread.ts', import.meta.url))
afterAll(() => threads.close())

/** Two files without a line in common. */
function different(lines: number): DiffableFile {
  const bytes = (sign: string) =>
    Buffer.from(Array.from({ length: lines }, (_, index) => `${sign}${index}\n`).join(''))
  return { path: 'a.txt', mode: '100644', oldMode: '100644', before: bytes('a'), bytes: bytes('b') }
}

test('a thread answers with what the work returns', async () => {
  expect(await threads.run('diffFile', different(2), 60_000)).toEqual({
    binary: false,
    additions: 2,
    deletions: 2,
    diff: 'diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n-a0\n-a1\n+b0\n+b1\n',
  })
})

test('work that takes too long is ended, and the next is done', async () => {
  expect(await threads.run('diffFile', different(3_900), 20)).toBeUndefined()
  const found = await threads.run('findWrittenChanges', ['```suggestion path=a.ts lines=3-5\nx\n```'], 60_000)
  expect(found).toEqual([{ kind: 'suggestion', path: 'a.ts', from: 3, to: 5, content: 'x' }])
})

test('a text that breaks the parser by its depth ends neither the thread nor the caller', async () => {
  expect(await threads.run('findWrittenChanges', ['> '.repeat(100_000)], 300)).toBeUndefined()
})

test('the time that code takes to load is not the time of the task', async () => {
  const slow = createThreads<SlowToLoad>(new URL('./slow-to-load.ts', import.meta.url))
  try {
    expect(await slow.run('double', 21, 1_000)).toBe(42)
    expect(await slow.run('broken', undefined, 1_000)).toBeUndefined()
  } finally {
    await slow.close()
  }
})

test('after the end nothing is begun', async () => {
  const others = createThreads<ServiceTasks>(new URL('../../src/wiring/isolated-thread.ts', import.meta.url))
  const running = others.run('diffFile', different(2), 60_000)
  await others.close()
  expect(await running).toBeUndefined()
  expect(await others.run('diffFile', different(2), 60_000)).toBeUndefined()
})
