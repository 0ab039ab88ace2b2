import { type Measurement, percentile } from '../measurement.ts'
import type { TaskFigures } from './task-figures.ts'

/** All rounds of one contestant. */
export interface ContestantFigures {
  readonly name: string
  /** Whether this is us: then the best of the others is the target. */
  readonly ours: boolean
  /** Name of the contestant that works inside of this one, which is then held against nothing but that. */
  readonly wraps?: string | undefined
  readonly rounds: readonly TaskFigures[]
}

interface Row extends Pick<Measurement, 'name' | 'unit'> {
  readonly value: (rounds: readonly TaskFigures[]) => number
  /** Where we mean to be ahead of everybody, which way that is. */
  readonly ahead?: 'less' | 'more'
}

const KINDS = ['read', 'grep', 'edit', 'bash'] as const

const ROWS: readonly Row[] = [
  { name: 'first request', unit: 'KB', value: medianOf('firstKb'), ahead: 'less' },
  { name: 'first request, tokens', unit: 'count', value: medianOf('firstTokens'), ahead: 'less' },
  { name: 'all requests', unit: 'KB', value: medianOf('allKb'), ahead: 'less' },
  { name: 'all requests, tokens', unit: 'count', value: medianOf('allTokens'), ahead: 'less' },
  { name: 'requests', unit: 'count', value: medianOf('requests') },
  { name: 'prefix of the next request: mean', unit: '%', value: meanPrefix, ahead: 'more' },
  { name: 'prefix of the next request: least', unit: '%', value: leastPrefix, ahead: 'more' },
  { name: 'harness time per step: p50', unit: 'ms', value: stepTime(0.5), ahead: 'less' },
  { name: 'harness time per step: p95', unit: 'ms', value: stepTime(0.95), ahead: 'less' },
  ...KINDS.map((kind): Row => ({ name: `  a ${kind}: p50`, unit: 'ms', value: stepTime(0.5, kind) })),
  { name: 'CPU', unit: 's', value: medianOf('cpuSeconds') },
  { name: 'peak memory', unit: 'MB', value: medianOf('peakMb') },
  { name: 'the whole task', unit: 's', value: medianOf('seconds') },
]

/** One measurement per row and contestant; ours are held against the best of the others. */
export function compareContestants(contestants: readonly ContestantFigures[]): readonly Measurement[] {
  return [...compareRows(contestants), ...contestants.flatMap((one) => addedByUs(one, contestants))]
}

/** Milliseconds that a step may take longer inside of Backspace than alone. */
const MOST_ADDED_MS = 15

function addedByUs(
  { name: variant, wraps, rounds }: ContestantFigures,
  contestants: readonly ContestantFigures[],
): Measurement[] {
  const alone = contestants.find(({ name }) => name === wraps)
  if (!alone) return []
  const [inside, outside] = [rounds, alone.rounds].map(stepTime(0.5))
  const value = (inside ?? Number.NaN) - (outside ?? Number.NaN)
  const name = `added to each step of ${alone.name}: p50`
  return [{ name, variant, unit: 'ms', value, target: MOST_ADDED_MS }]
}

function compareRows(contestants: readonly ContestantFigures[]): readonly Measurement[] {
  return ROWS.flatMap(({ name, unit, value, ahead }) => {
    const others = contestants.filter(({ ours, wraps }) => !ours && !wraps).map(({ rounds }) => value(rounds))
    const best = ahead === 'more' ? Math.max(...others) : Math.min(...others)
    const target = ahead === undefined || others.length === 0 ? {} : { target: best }
    const direction = ahead === 'more' ? { moreIsBetter: true } : {}
    return contestants.map((one) => ({
      name,
      variant: one.name,
      unit,
      value: value(one.rounds),
      ...(one.ours ? { ...target, ...direction } : {}),
    }))
  })
}

type NumberField = Exclude<keyof TaskFigures, 'prefixShares' | 'steps'>

function medianOf(field: NumberField): Row['value'] {
  return (rounds) =>
    percentile(
      rounds.map((round) => round[field]),
      0.5,
    )
}

function stepTime(fraction: number, kind?: (typeof KINDS)[number]): Row['value'] {
  return (rounds) => {
    const steps = rounds.flatMap((round) => round.steps)
    const chosen = steps.filter((step) => kind === undefined || step.kind === kind)
    return percentile(
      chosen.map(({ ms }) => ms),
      fraction,
    )
  }
}

function meanPrefix(rounds: readonly TaskFigures[]): number {
  const shares = rounds.flatMap(({ prefixShares }) => prefixShares)
  return (100 * shares.reduce((total, share) => total + share, 0)) / shares.length
}

function leastPrefix(rounds: readonly TaskFigures[]): number {
  return 100 * Math.min(...rounds.flatMap(({ prefixShares }) => prefixShares))
}
