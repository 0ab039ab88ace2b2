/**
 * The candidate that a misspelt name is almost certainly meant to be. Up to a quarter of the letters may differ, and
 * always up to two. If two candidates are equally near, the one that begins like the name wins.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const allowed = Math.max(2, Math.floor(name.length / 4))
  const [best] = candidates
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance || sameStart(name, b.candidate) - sameStart(name, a.candidate))
  return best?.candidate
}

function sameStart(one: string, other: string): number {
  const differs = [...one].findIndex((letter, at) => letter !== other[at])
  return differs === -1 ? one.length : differs
}

/** The number of letters to add, remove, replace or swap with a neighbour. Quadratic, so only for names. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped && row > 1 && column > 1 ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}
