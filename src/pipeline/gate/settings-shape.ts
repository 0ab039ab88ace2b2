/** A part of a settings file that may change without more being said: the first rule that fits a value counts. */
export interface PlainPart {
  /** Of the whole key: `build/tools/python`, with `-` for every position in a list, and `~1` for a slash in a name. */
  readonly key: RegExp
  /** Of the value as text; all of them by default. */
  readonly value?: RegExp
  /** Only a value that goes, or one that comes, is plain. */
  readonly only?: 'removed' | 'added'
  /** What must stay of the value: `actions/checkout` of `actions/checkout@v5`. Default: nothing. */
  readonly kept?: (value: string) => string
}

/** Deeper settings are no plain change. */
const MAX_DEPTH = 40

/**
 * True if two readings of a file say the same but for plain parts, in the same order. What is added, taken out or moved in any other
 * part makes it false, so that a rule names what may change and nothing else.
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
      // A list or a map that has nothing left goes with its parts; an empty one says something.
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
