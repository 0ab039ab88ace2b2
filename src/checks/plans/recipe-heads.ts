/** Default values by the names of parameters; undefined if a call must give a value. */
export type Parameters = ReadonlyMap<string, string | undefined>

/** The first line of a rule of make or of a recipe of just. */
interface Head {
  readonly names: readonly string[]
  readonly needs: readonly string[]
  readonly parameters: Parameters
}

/** Reads the head of a rule of make: `a b: c d | e`. */
export function targetsIn(line: string): Head | undefined {
  const colon = line.indexOf(':')
  const isAssignment = /^:+=/.test(line.slice(colon))
  if (colon === -1 || isAssignment || !/^[\w.$-]/.test(line)) return undefined
  const needs = line
    .slice(colon + 1)
    .replace(/^:/, '')
    .replace(/[;#].*$/, '')
    .split(/[\s|]+/)
  return {
    names: line
      .slice(0, colon)
      .split(/\s+/)
      .filter((name) => name !== '' && name !== '.PHONY'),
    needs: needs.filter((name) => /^[\w.${()}/-]+$/.test(name)),
    parameters: new Map(),
  }
}

/** Reads the head of a recipe of just: `test *args="-x tests": deps`. */
export function recipeIn(line: string): Head | undefined {
  const parts: readonly string[] = line.slice(0, 600).match(/"[^"]*"|'[^']*'|:=?|[^\s"':=]+|=/g) ?? []
  const colon = parts.indexOf(':')
  const [name = ''] = parts
  if (colon < 1 || !/^@?[\w-]+$/.test(name)) return undefined
  const parameters = new Map<string, string | undefined>()
  for (let at = 1; at < colon; at++) {
    const own = (parts[at] ?? '').replace(/^[*+$]+/, '')
    const hasValue = parts[at + 1] === '='
    const isRest = /^[*+]/.test(parts[at] ?? '')
    const value = (parts[at + 2] ?? '').replace(/^["']|["']$/g, '')
    parameters.set(own, hasValue ? value : isRest ? '' : undefined)
    if (hasValue) at += 2
  }
  // A recipe that gets arguments is in parentheses.
  const needs = parts
    .slice(colon + 1)
    .map((part) => part.replace(/^\(/, ''))
    .filter((part) => /^[\w-]+$/.test(part))
  return { names: [name.replace(/^@/, '')], needs, parameters }
}
