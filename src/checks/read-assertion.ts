const STRINGS = /"(?:[^"\\]|\\.){0,500}"|'(?:[^'\\]|\\.){0,500}'|`(?:[^`\\]|\\.){0,500}`/g

/**
 * An assertion that is compared with many others: what is asked about it again is worked out once. Comparing each with each is
 * then a matter of looking up.
 */
export interface ReadAssertion {
  readonly statement: string
  /** Without what its texts say. */
  readonly code: string
  /** What `make` answers; later the same for the same key. */
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

/** True if its code has this, or the whole statement where `of` says so. */
export function has(one: ReadAssertion, pattern: RegExp, of: 'code' | 'statement' = 'code'): boolean {
  return one.fact(pattern, () => pattern.test(one[of]))
}

export function withoutTexts(statement: string): string {
  return statement.replace(STRINGS, '""')
}

/** The same however it is laid out. */
export function squeezedCode(code: string): string {
  return code
    .replace(/\s+/g, '')
    .replace(/,(?=[)\]}])/g, '')
    .replace(/;$/, '')
}
