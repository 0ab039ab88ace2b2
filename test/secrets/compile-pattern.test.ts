import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePattern } from '../../src/secrets/compile-pattern.ts'
import gitleaks from '../../src/secrets/gitleaks/rules.json' with { type: 'json' }

const PATTERNS: readonly (readonly [string, string])[] = [
  ...gitleaks.rules.flatMap((rule): [string, string][] =>
    'identifier' in rule && rule.identifier !== undefined
      ? [
          [rule.identifier, 'i'],
          [rule.value ?? '', rule.ignoreCase === true ? 'i' : ''],
        ]
      : [[rule.pattern ?? '', rule.ignoreCase === true ? 'i' : '']],
  ),
  ...gitleaks.allowed.patterns.map((pattern): [string, string] => [pattern, '']),
  ['(?i:a[b-d_]\\x60\\w)E[^F](?-i:g|H)', ''],
  ['(?i:a[b-d_]\\x60\\w)E[^F](?-i:g|H(?:j|K))', 'i'],
].filter(([source = '']) => /\(\?-?i:/.test(source)) as [string, string][]

test('patterns with a group that changes the case are matched as they say, without such a group', () => {
  expect(PATTERNS.length).toBeGreaterThan(30)
  for (const [source, flags] of PATTERNS) {
    const [ours, native] = [compilePattern(source, flags), new RegExp(source, flags)]
    expect(ours.source).not.toMatch(/\(\?-?i:/)
    expect(ours.flags).toBe('')
    const swap = fc
      .boolean()
      .map((upper) => (text: string) => (upper ? text.toUpperCase() : text.toLowerCase()))
    fc.assert(
      fc.property(
        fc.stringMatching(new RegExp(withoutLooks(ours.source))),
        swap,
        fc.nat(40),
        (text, change, at) => {
          for (const each of [text, change(text), text.slice(0, at) + change(text.slice(at))]) {
            expect([source, each, ours.exec(each)?.[0]]).toEqual([source, each, native.exec(each)?.[0]])
          }
        },
      ),
      { numRuns: 15, seed: 1 },
    )
  }
})

test('a name in another case is not the name', () => {
  const pattern = compilePattern('(?-i:ETSY|[Ee]tsy)', 'i')
  expect(['etsy', 'Etsy', 'ETSY', 'etSy', 'eTSY'].map((name) => name.match(pattern) !== null)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])
})

/** fast-check makes no text for a pattern that looks ahead; what it makes without may match or not. */
function withoutLooks(source: string): string {
  return source.replaceAll(/\(\?<?[=!][^()]*\)/g, '')
}
