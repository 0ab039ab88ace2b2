import type { ReceivedFrame } from '../../../src/commands/terminal/run/received-frame.ts'
import type { CarriedOut } from './sandbox-world.ts'
import { type LineRequest, sequentialCount } from './slow-line.ts'

/** What one run cost. Times in milliseconds. */
export interface RunFigures {
  readonly wholeMs: number
  readonly requests: number
  readonly sequential: number
  /** Requests by the step that they were made in, in the order of the steps. */
  readonly byStep: ReadonlyMap<string, number>
  readonly stepMs: ReadonlyMap<string, number>
  /** From the last part of an upload until the step `clone` ended. */
  readonly unpackMs: number
  /** From the first part of an upload until the last one was there. */
  readonly uploadMs: number
  /** The loop of the agent, its `finish`, collecting and the gate; without the model, tools and checks. */
  readonly ownMs: number
}

interface StepSpan {
  readonly step: string
  readonly from: number
  readonly to: number
  readonly ms: number
}

export function runFigures({ frames, requests }: CarriedOut): RunFigures {
  const spans = stepSpans(frames)
  const [first, last] = [frames[0], frames.at(-1)].map((frame) => Date.parse(frame?.at ?? ''))
  const clone = spans.find(({ step }) => step === 'clone')
  const uploads = requests.filter(
    ({ call, startedAt }) => call === 'POST /files' && clone && startedAt < clone.to,
  )
  return {
    wholeMs: (last ?? Number.NaN) - (first ?? 0),
    requests: requests.length,
    sequential: sequentialCount(requests),
    byStep: countByStep(requests, spans),
    stepMs: new Map(spans.map(({ step, ms }) => [step, ms])),
    unpackMs:
      clone && uploads.length > 0
        ? clone.to - Math.max(...uploads.map(({ endedAt }) => endedAt))
        : Number.NaN,
    uploadMs:
      Math.max(...uploads.map(({ endedAt }) => endedAt)) -
      Math.min(...uploads.map(({ startedAt }) => startedAt)),
    ownMs: ownTime(frames, spans),
  }
}

function stepSpans(frames: readonly ReceivedFrame[]): readonly StepSpan[] {
  return frames.flatMap((frame) => {
    if (frame.type !== 'info' || !('duration_ms' in frame) || !('status' in frame)) return []
    const to = Date.parse(frame.at)
    return [{ step: frame.step, from: to - frame.duration_ms, to, ms: frame.duration_ms }]
  })
}

function countByStep(
  requests: readonly LineRequest[],
  spans: readonly StepSpan[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { startedAt } of requests) {
    const step = spans.find(({ from, to }) => startedAt >= from && startedAt <= to)?.step ?? 'between steps'
    counts.set(step, (counts.get(step) ?? 0) + 1)
  }
  return counts
}

function ownTime(frames: readonly ReceivedFrame[], spans: readonly StepSpan[]): number {
  let sum = 0
  for (const frame of frames) {
    if (frame.type !== 'info') continue
    if ('harness_ms' in frame) sum += frame.harness_ms
    if ('verdict' in frame) sum += frame.duration_ms
    // The gate of `finish` ran them; the step only repeats what they said.
    if ('phase' in frame && frame.phase === 'after')
      sum -= frame.checks.reduce((total, check) => total + check.duration_ms, 0)
  }
  const steps = spans.filter(({ step }) => step === 'collect' || step === 'gate')
  return sum + steps.reduce((total, { ms }) => total + ms, 0)
}
