/** A part of a settings file that may change freely. For each value, the first part that matches it counts. */
export interface PlainPart {
  /** Matches the whole key: `build/tools/python`, with `-` for each position in a list and `~1` for a slash in a name. */
  readonly key: RegExp
  /** Matches the value as text. Default: every value. */
  readonly value?: RegExp
  /** Set when only removing, or only adding, a value is plain. */
  readonly only?: 'removed' | 'added'
  /** The part of the value that must stay the same: `actions/checkout` of `actions/checkout@v5`. Default: none. */
  readonly kept?: (value: string) => string
}

/** A change of settings that are nested deeper is not plain. */
const MAX_DEPTH = 40

/**
 * True if two versions of a settings file are equal, order included, apart from plain parts. Any addition, removal or move
 * elsewhere makes it false, so that rules need to name only what may change.
 */
export function differsOnlyIn(
  parts: readonly PlainPart[],
  { before, after }: { readonly before: unknown; readonly after: unknown },
): boolean {
  const [one, other] = [before, after].map((value) => shapeOf(parts, value))
  if (one === undefined || other === undefined || one.isDeep || other.isDeep) return false
  return one.rest === other.rest && isWithin(other.removed, one.removed) && isWithin(one.added, other.added)
}

function isWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((one) => all.has(one))
}

interface Shape {
  /** Everything that is not plain, as JSON. */
  readonly rest: string
  readonly removed: ReadonlySet<string>
  readonly added: ReadonlySet<string>
  readonly isDeep: boolean
}

function shapeOf(parts: readonly PlainPart[], root: unknown): Shape {
  const seen = { removed: new Set<string>(), added: new Set<string>() }
  let isDeep = false
  function rest(value: unknown, key: string, depth: number): unknown {
    if (depth > MAX_DEPTH) isDeep = true
    if (isDeep) return undefined
    if (value !== null && typeof value === 'object' && !(value instanceof Date)) {
      const entries = Object.entries(value)
      const kept = entries.flatMap(([name, item]) => {
        const segment = Array.isArray(value) ? '-' : name.replaceAll('~', '~0').replaceAll('/', '~1')
        const left = rest(item, key === '' ? segment : `${key}/${segment}`, depth + 1)
        return left === undefined ? [] : [[name, left] as const]
      })
      // A list or map with only plain parts is dropped with them. One that was empty stays, since it has a meaning.
      if (kept.length === 0 && entries.length > 0) return undefined
      return Array.isArray(value) ? kept.map(([, item]) => item) : kept
    }
    const text = String(value)
    const part = parts.find((one) => one.key.test(key) && (one.value?.test(text) ?? true))
    if (part === undefined) return [typeof value, text]
    if (part.only !== undefined) seen[part.only].add(`${key}\n${text}`)
    return part.kept?.(text)
  }
  const isEmpty = root == null || Object.keys(root).length === 0
  return { rest: isEmpty ? '' : (JSON.stringify(rest(root, '', 0)) ?? ''), ...seen, isDeep }
}
