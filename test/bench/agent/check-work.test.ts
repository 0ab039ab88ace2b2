import { expect, test } from 'vitest'
import { checkWork } from './check-work.ts'
import type { MeteredRequest } from './metered-server.ts'
import { doneFiles, taskFiles, taskSteps } from './task.ts'

const RESULTS = taskSteps().map(({ expects }) => ({ type: 'tool_result', content: expects }))

function lastRequest(results: readonly unknown[]): readonly MeteredRequest[] {
  const body = { messages: [{ role: 'user', content: results }] }
  return [{ text: '', body, main: true, arrivedAt: 0, finishedAt: 0 }]
}

async function readDone(path: string): Promise<string> {
  return doneFiles()[path] ?? ''
}

test('the task has forty steps, and each edit finds its text once', () => {
  expect(taskSteps()).toHaveLength(40)
  for (const step of taskSteps()) {
    if (step.kind === 'edit') expect(taskFiles()[step.path]?.split(step.oldText)).toHaveLength(2)
  }
  expect(Object.keys(doneFiles())).toHaveLength(10)
})

test('work is taken only when every result came and every file was changed', async () => {
  await checkWork(lastRequest(RESULTS), readDone)
  const failed = [{ type: 'tool_result', content: 'No such tool' }, ...RESULTS.slice(1)]
  await expect(checkWork(lastRequest(failed), readDone)).rejects.toThrow('step 1, read, was answered with')
  const untouched = async (path: string) => taskFiles()[path] ?? ''
  await expect(checkWork(lastRequest(RESULTS), untouched)).rejects.toThrow('is not what the task makes of it')
})
