/** Something that must not be, however much goes wrong. */
export interface Violation {
  readonly kind: string
  readonly message: string
  readonly runId?: string
}

/** Counts what was done and what came of it. */
export interface Tally {
  /** One more of these. */
  count(group: 'faults' | 'ends', name: string): void
  /** Milliseconds that something took. */
  measure(name: 'takeover' | 'cancel', ms: number): void
  /** The same violation counts once. */
  violate(violation: Violation): void
  readonly counts: Readonly<Record<'faults' | 'ends', ReadonlyMap<string, number>>>
  readonly measures: Readonly<Record<'takeover' | 'cancel', readonly number[]>>
  readonly violations: readonly Violation[]
}

export function createTally(): Tally {
  const counts = { faults: new Map<string, number>(), ends: new Map<string, number>() }
  const measures = { takeover: [] as number[], cancel: [] as number[] }
  const violations = new Map<string, Violation>()
  return {
    counts,
    measures,
    count: (group, name) => void counts[group].set(name, (counts[group].get(name) ?? 0) + 1),
    measure: (name, ms) => void measures[name].push(ms),
    violate: (violation) => void violations.set(JSON.stringify(violation), violation),
    get violations() {
      return [...violations.values()]
    },
  }
}

export function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}

/** Undefined when nothing was measured. */
export function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}
