import { expect, test } from 'vitest'
import { isMissed } from '../measurement.ts'
import { compareContestants } from './compare-contestants.ts'
import { type TaskFigures, taskFigures } from './task-figures.ts'

/** Two turns: a read, which took `stepMs`, and the search that it was followed by. */
function figures({ stepMs, tools = ['read'] }: { stepMs: number; tools?: readonly string[] }): TaskFigures {
  const first = { tools: [{ name: 'read' }], messages: [{ role: 'user', content: 'Do it' }] }
  const result = { type: 'tool_result', content: 'one' }
  const second = {
    tools: tools.map((name) => ({ name })),
    messages: [...first.messages, { role: 'user', content: [result] }],
  }
  const request = (body: unknown, arrivedAt: number) => ({
    text: JSON.stringify(body),
    body,
    main: true,
    arrivedAt,
    finishedAt: arrivedAt + 1,
  })
  const requests = [request(first, 0), request(second, 1 + stepMs)]
  return taskFigures({ requests, cpuSeconds: 1, peakMb: 100, seconds: 2 })
}

test('the time of a step runs from the end of the answer to the next request, and is booked on its tool', () => {
  expect(figures({ stepMs: 30 }).steps).toEqual([{ kind: 'read', ms: 30 }])
})

test('we are compared with the best of the others, and no other contestant is compared', () => {
  const measured = compareContestants([
    { name: 'we', ours: true, rounds: [figures({ stepMs: 30 })] },
    { name: 'slow', ours: false, rounds: [figures({ stepMs: 50 })] },
    { name: 'quick', ours: false, rounds: [figures({ stepMs: 20 })] },
  ])
  const steps = measured.filter(({ name }) => name === 'harness time per step: p50')
  expect(steps.map(({ variant, value, target }) => [variant, value, target])).toEqual([
    ['we', 30, 20],
    ['slow', 50, undefined],
    ['quick', 20, undefined],
  ])
  expect(steps.map(isMissed)).toEqual([true, false, false])
})

test('a prefix is better the longer it is', () => {
  const measured = compareContestants([
    { name: 'we', ours: true, rounds: [figures({ stepMs: 1, tools: ['write'] })] },
    { name: 'they', ours: false, rounds: [figures({ stepMs: 1 })] },
  ])
  const [ours, theirs] = measured.filter(({ name }) => name === 'prefix of the next request: least')
  expect(theirs?.value).toBe(100)
  expect(ours?.value).toBeLessThan(50)
  expect(ours && isMissed(ours)).toBe(true)
})

test('without others there is nothing to be held against', () => {
  const alone = compareContestants([{ name: 'we', ours: true, rounds: [figures({ stepMs: 1 })] }])
  expect(alone.filter(({ target }) => target !== undefined)).toEqual([])
})
