/** Converts a pattern from Go's syntax to JavaScript's: https://github.com/google/re2/wiki/Syntax. */
export function toJavaScript(pattern: string): string {
  let result = pattern
    .replaceAll(/\(\?P<\w+>/g, '(?:')
    .replaceAll('[[:alnum:]]', '[A-Za-z0-9]')
    .replaceAll(String.raw`\z`, '$')
  for (let at = result.indexOf('(?i)'); at !== -1; at = result.indexOf('(?i)')) {
    const end = endOfGroup(result, at + 4)
    result = `${result.slice(0, at)}(?i:${result.slice(at + 4, end)})${result.slice(end)}`
  }
  return result
}

export function withoutCaptures(pattern: string): string {
  return toJavaScript(pattern).replaceAll(/(?<!\\)\((?!\?)/g, '(?:')
}

/** Where the group that contains `from` ends. */
function endOfGroup(pattern: string, from: number): number {
  let depth = 0
  let inClass = false
  for (let at = from; at < pattern.length; at++) {
    const char = pattern[at]
    if (char === '\\') at++
    else if (inClass) inClass = char !== ']'
    else if (char === '[') inClass = true
    else if (char === '(') depth++
    else if (char === ')' && depth-- === 0) return at
  }
  return pattern.length
}

/** Limits the pattern to the shortest secret that it accepts. The matcher itself adds the rest of a longer one. */
export function bounded(pattern: string): string {
  return pattern
    .replaceAll(/\{(\d+),\}/g, '{$1}')
    .replaceAll(/(?<=[\])]|\\[dw])\+/g, '{1,64}')
    .replaceAll(/(?<=[\])]|\\[dw])\*/g, '{0,64}')
}
