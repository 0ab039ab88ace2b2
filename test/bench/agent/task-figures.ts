import type { TaskRecord } from './contestant.ts'
import type { MeteredRequest } from './metered-server.ts'
import { cacheableText, resultsIn, sharedPrefix } from './request-shape.ts'
import { type TaskStep, taskSteps } from './task.ts'

/** What one task says about its client. */
export interface TaskFigures {
  readonly requests: number
  readonly firstKb: number
  /** Estimated: four characters each. */
  readonly firstTokens: number
  readonly allKb: number
  readonly allTokens: number
  /** Of each request, the share with which the next one begins; 1 is all of it. */
  readonly prefixShares: readonly number[]
  /** From the end of each answer to the arrival of the next request. */
  readonly steps: readonly { readonly kind: TaskStep['kind']; readonly ms: number }[]
  readonly cpuSeconds: number
  readonly peakMb: number
  readonly seconds: number
}

export function taskFigures({ requests, ...used }: TaskRecord): TaskFigures {
  const main = requests.filter((request) => request.main)
  const texts = requests.map(({ text }) => text)
  const first = main[0]?.text ?? ''
  return {
    ...used,
    requests: requests.length,
    firstKb: kilobytes(first),
    firstTokens: tokens(first),
    allKb: sum(texts.map(kilobytes)),
    allTokens: sum(texts.map(tokens)),
    prefixShares: prefixShares(main),
    steps: stepTimes(main),
  }
}

function prefixShares(main: readonly MeteredRequest[]): readonly number[] {
  const texts = main.map(({ body }) => cacheableText(body))
  return texts.slice(1).map((later, index) => sharedPrefix(texts[index] ?? '', later))
}

/** The step is known by how many results the earlier request held. */
function stepTimes(main: readonly MeteredRequest[]): TaskFigures['steps'] {
  const steps = taskSteps()
  return main.slice(1).flatMap(({ arrivedAt }, index) => {
    const before = main[index]
    const step = before && steps[resultsIn(before.body).length]
    return step && before.finishedAt !== undefined
      ? [{ kind: step.kind, ms: arrivedAt - before.finishedAt }]
      : []
  })
}

function kilobytes(text: string): number {
  return Buffer.byteLength(text) / 1000
}

function tokens(text: string): number {
  return Math.ceil(text.length / 4)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
