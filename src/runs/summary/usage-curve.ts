import type { RunEvent } from '../run-event.ts'
import { sentenceOf } from './sentences.ts'

/** Tokens and dollars of a run over time, in at most `MOST_POINTS` points. */
export interface UsageCurve {
  /** Oldest first. Each point says what the run had used by then. */
  readonly points: readonly CurvePoint[]
  /** The last changes of the model. */
  readonly switches: readonly { readonly seq: number; readonly at: string; readonly text: string }[]
  /** Tokens and dollars after the last turn. */
  readonly tokens: number
  readonly usd: number
  readonly turns: number
  /** Every how many turns there is a point: 1, doubled whenever there are too many points. */
  readonly every: number
}

export interface CurvePoint {
  readonly seq: number
  /** ISO 8601. */
  readonly at: string
  readonly turns: number
  readonly tokens: number
  /** Dollars of the turns whose price is known. */
  readonly usd: number
}

export const NO_CURVE: UsageCurve = { points: [], switches: [], tokens: 0, usd: 0, turns: 0, every: 1 }

const MOST_POINTS = 60
const MOST_SWITCHES = 20

/** Adds one event. Events must come in order, each once. */
export function foldCurve(curve: UsageCurve, event: RunEvent): UsageCurve {
  if (event.type === 'model.switched') {
    const { seq, at } = event
    const switches = [...curve.switches, { seq, at, text: sentenceOf(event) }].slice(-MOST_SWITCHES)
    return { ...curve, switches }
  }
  if (event.type !== 'model.turn') return curve
  const { input, cacheRead, cacheWrite, output } = event.usage
  const tokens = curve.tokens + input + cacheRead + cacheWrite + output
  const usd = curve.usd + (event.costUsd ?? 0)
  const turns = curve.turns + 1
  const point = { seq: event.seq, at: event.at, turns, tokens, usd }
  // The last point always belongs to the last turn. The point before it is kept if its turn is one of every `every`.
  const kept = curve.points.filter(
    ({ turns: counted }, index) => index < curve.points.length - 1 || counted % curve.every === 0,
  )
  const next = { ...curve, tokens, usd, turns, points: [...kept, point] }
  return next.points.length > MOST_POINTS ? thinner(next) : next
}

function thinner(curve: UsageCurve): UsageCurve {
  const every = curve.every * 2
  return { ...curve, every, points: curve.points.filter(({ turns }) => turns % every === 0) }
}
