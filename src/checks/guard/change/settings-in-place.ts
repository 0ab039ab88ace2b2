import type { ReadFile } from './guarded-change.ts'

/** A changed line of a settings file, with the names that it is nested in. */
export interface PlacedLine {
  /** The line. An item of a list follows the name of its list: `exclude: [ 'slow/**'`. */
  readonly text: string
  /** The key that the line sets; the whole text if there is no key. */
  readonly key: string
  /** All names that the line is nested in, the outermost first. */
  readonly below: string
}

/** The lines that only one side of a change has. */
export interface ChangedSides {
  /** Added ones. */
  readonly fresh: readonly PlacedLine[]
  /** Removed ones. */
  readonly stale: readonly PlacedLine[]
}

const OPENS = /[[{(:=]\s*$|^\s*\[{1,2}[^\]]{1,200}\]{1,2}\s*$|^\s*<[\w.-]{1,80}[^/]{0,200}>\s*$/
const SECTION = /^\s*\[{1,2}[^\]]{1,200}\]{1,2}\s*$/
const SETS = /^(\s*["']?[\w.@/*-]{1,100}["']?\s*)(?:[:=({]|$)/
const MOST_DEPTH = 20

/** The changed lines of a file, in time linear in its size, and in none before a rule asks, which few do in most files. */
export function placedLines(read: ReadFile): ChangedSides {
  const { added, removed, hunks, file } = read
  const lines = (bytes: Uint8Array | null | undefined, gone: '+' | '-') =>
    bytes
      ? Buffer.from(bytes).toString('utf8').split('\n')
      : hunks.flatMap((hunk) => hunk.flatMap(({ sign, text }) => (sign === gone ? [] : [text])))
  return onDemand({
    fresh: () => placed(without(added, removed), lines(file.bytes, '-')),
    stale: () => placed(without(removed, added), lines(file.before, '+')),
  })
}

/** Works out each side once, when a rule asks for it. */
export function onDemand(sides: {
  readonly fresh: () => readonly PlacedLine[]
  readonly stale: () => readonly PlacedLine[]
}): ChangedSides {
  let [fresh, stale]: (readonly PlacedLine[] | undefined)[] = []
  return {
    get fresh() {
      fresh ??= sides.fresh()
      return fresh
    },
    get stale() {
      stale ??= sides.stale()
      return stale
    },
  }
}

function placed(wanted: readonly string[], all: readonly string[]): readonly PlacedLine[] {
  if (wanted.length === 0) return []
  const left = new Set(wanted.map((line) => line.trimEnd()))
  const places = new Map<string, readonly string[]>()
  const above: { readonly indent: number; readonly text: string }[] = []
  for (const line of all) {
    if (line.trim() === '') continue
    const indent = SECTION.test(line) ? -1 : line.search(/\S/)
    while (above.length > 0 && (above.at(-1)?.indent ?? 0) >= indent) above.pop()
    const key = line.trimEnd()
    if (left.has(key) && !places.has(key))
      places.set(
        key,
        above.map(({ text }) => text),
      )
    if (OPENS.test(line) && above.length < MOST_DEPTH) above.push({ indent, text: line.trim().slice(0, 200) })
  }
  return wanted.map((line) => {
    const below = places.get(line.trimEnd()) ?? []
    const isItem =
      !/^\s*(?:#|\/\/|\/\*)/.test(line) && (!SETS.test(line) || /^\s*["'][^"']*["'],?\s*$/.test(line))
    const parent = below.at(-1)
    const text = isItem && parent !== undefined ? `${parent} ${line.trim()}` : line
    return { text, key: SETS.exec(text)?.[1]?.trim() ?? text, below: below.join(' ') }
  })
}

function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  if (lines.length === 0 || others.length === 0) return lines
  const same = new Set(others.map(squeezed))
  return lines.filter((line) => !same.has(squeezed(line)))
}

/** The line without differences of layout and quotes. */
function squeezed(line: string): string {
  return line
    .replace(/\[['"](\w{1,100})['"]\]/g, '.$1')
    .replace(/[\s,;]+/g, '')
    .replaceAll("'", '"')
}
