const STRINGS = /"(?:[^"\\]|\\.){0,500}"|'(?:[^'\\]|\\.){0,500}'|`(?:[^`\\]|\\.){0,500}`/g

/**
 * An assertion that is compared with many others. Facts about it are computed once, so that comparing all pairs only needs
 * look-ups.
 */
export interface ReadAssertion {
  readonly statement: string
  /** The statement with every string literal as `""`. */
  readonly code: string
  /** The result of `make`, which runs only once per key. */
  fact<Fact>(key: RegExp | string, make: () => Fact): Fact
}

export function readAssertion(statement: string): ReadAssertion {
  const code = withoutTexts(statement)
  const known = new Map<RegExp | string, unknown>()
  return {
    statement,
    code,
    fact: <Fact>(key: RegExp | string, make: () => Fact) => {
      if (!known.has(key)) known.set(key, make())
      return known.get(key) as Fact
    },
  }
}

/** True if the pattern matches the assertion's code, or with `of`, its whole statement. */
export function has(one: ReadAssertion, pattern: RegExp, of: 'code' | 'statement' = 'code'): boolean {
  return one.fact(pattern, () => pattern.test(one[of]))
}

export function withoutTexts(statement: string): string {
  return statement.replace(STRINGS, '""')
}

/** The code without white space, trailing commas and a last semicolon, so that its layout does not matter. */
export function squeezedCode(code: string): string {
  return code
    .replace(/\s+/g, '')
    .replace(/,(?=[)\]}])/g, '')
    .replace(/;$/, '')
}
