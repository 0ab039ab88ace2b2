/**
 * Compiles a pattern of a rule. Groups that change the case of letters, `(?i:…)` and `(?-i:…)`, are written out as classes:
 * V8 (Node 24.21) forgets them now and then in a process that has run for a while, and then `SetSysctl` is a match of
 * `(?-i:ETSY|[Ee]tsy)`.
 *
 * @param flags as for `RegExp`, with `i` for the letters outside of such groups.
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

/** Writes out from a place to the end of its group, or of the pattern. */
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

/** The head of a group, an escape, a class, or one character. */
const PART =
  /^(?:\((?:\?(?:-?i:|[:=!]|<[=!]|<\w+>))?|\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|[\s\S])/
/** In a class: an escape, a range, or one character. */
const ITEM = /\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[\s\S])|[^\\]-[^\\\]]|[^\\]/g

function inBothCases(part: string): string {
  if (/^[A-Za-z]$/.test(part)) return `[${part.toLowerCase()}${part.toUpperCase()}]`
  if (!part.startsWith('[')) return part
  const items = part.slice(1, -1).match(ITEM) ?? []
  const others = items.flatMap((item) => {
    if (/^(?:[a-z]|[a-z]-[a-z])$/.test(item)) return [item.toUpperCase()]
    return /^(?:[A-Z]|[A-Z]-[A-Z])$/.test(item) ? [item.toLowerCase()] : []
  })
  // At the end of a class a hyphen is one; in front of what is added it would be a range.
  const negated = items[0] === '^' ? '^' : ''
  return `[${negated}${others.join('')}${items.slice(negated.length).join('')}]`
}
