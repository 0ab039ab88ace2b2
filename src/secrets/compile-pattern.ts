/**
 * Compiles the pattern of a rule. Groups that change case sensitivity, `(?i:…)` and `(?-i:…)`, are written out as
 * character classes. V8 (Node 24.21) sometimes forgets such groups in a process that has run for a while; then
 * `(?-i:ETSY|[Ee]tsy)` matches `SetSysctl`.
 *
 * @param flags as for `RegExp`; `i` applies to letters outside of such groups.
 */
export function compilePattern(source: string, flags = ''): RegExp {
  if (!/\(\?-?i:/.test(source)) return new RegExp(source, flags)
  const written = writeOut(source, { at: 0, ignoreCase: flags.includes('i') })
  return new RegExp(written.text, flags.replace('i', ''))
}

interface Place {
  readonly at: number
  readonly ignoreCase: boolean
}

/** Writes the pattern out, from a place to the end of its group or of the pattern. */
function writeOut(source: string, place: Place): { readonly text: string; readonly end: number } {
  const { ignoreCase } = place
  let text = ''
  let at = place.at
  while (at < source.length && source[at] !== ')') {
    const [part = ''] = PART.exec(source.slice(at)) ?? []
    if (part.startsWith('(')) {
      const changes = part === '(?i:' ? true : part === '(?-i:' ? false : undefined
      const inner = writeOut(source, { at: at + part.length, ignoreCase: changes ?? ignoreCase })
      text += `${changes === undefined ? part : '(?:'}${inner.text})`
      at = inner.end + 1
      continue
    }
    text += ignoreCase ? inBothCases(part) : part
    at += part.length
  }
  return { text, end: at }
}

/** One part of a pattern: the head of a group, an escape, a class, or one character. */
const PART =
  /^(?:\((?:\?(?:-?i:|[:=!]|<[=!]|<\w+>))?|\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|[\s\S])/
/** One item of a class: an escape, a range, or one character. */
const ITEM = /\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[\s\S])|[^\\]-[^\\\]]|[^\\]/g

function inBothCases(part: string): string {
  if (/^[A-Za-z]$/.test(part)) return `[${part.toLowerCase()}${part.toUpperCase()}]`
  if (!part.startsWith('[')) return part
  const items = part.slice(1, -1).match(ITEM) ?? []
  const others = items.flatMap((item) => {
    if (/^(?:[a-z]|[a-z]-[a-z])$/.test(item)) return [item.toUpperCase()]
    return /^(?:[A-Z]|[A-Z]-[A-Z])$/.test(item) ? [item.toLowerCase()] : []
  })
  // A hyphen at the end of a class means itself. Before the items that are added it would make a range.
  const negated = items[0] === '^' ? '^' : ''
  return `[${negated}${others.join('')}${items.slice(negated.length).join('')}]`
}
