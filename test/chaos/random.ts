/** Chance that can be had again: the same seed, the same decisions. */
export interface Random {
  /** At least `min` and below `max`. */
  between(min: number, max: number): number
  chance(probability: number): boolean
  /** @throws {Error} when there is nothing to pick from. */
  pick<T>(items: readonly T[]): T
  /** One of the keys, each as often as its weight says. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T
  /** An independent source that does not depend on how often this one is asked. */
  fork(name: string): Random
}

/** Mulberry32: small, even, and good enough to decide whom to kill. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
  const between = (min: number, max: number) => min + next() * (max - min)
  return {
    between,
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[Math.floor(between(0, items.length))]
      if (item === undefined) throw new Error('there is nothing to pick from')
      return item
    },
    weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
      const entries = Object.entries(weights) as [T, number][]
      let left = between(
        0,
        entries.reduce((sum, [, weight]) => sum + weight, 0),
      )
      for (const [key, weight] of entries) {
        left -= weight
        if (left < 0) return key
      }
      throw new Error('there is nothing to pick from')
    },
    fork: (name) => createRandom(hash(`${seed}:${name}`)),
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0
  return value
}
