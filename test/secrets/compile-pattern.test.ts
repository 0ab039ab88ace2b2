import { execFileSync } from 'node:child_process'
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
  const cases = PATTERNS.flatMap(([source, flags]) => {
    const ours = compilePattern(source, flags)
    expect([ours.source.match(/\(\?-?i:/), ours.flags]).toEqual([null, ''])
    const texts = fc.sample(fc.stringMatching(new RegExp(withoutLooks(ours.source))), {
      numRuns: 15,
      seed: 1,
    })
    return texts
      .flatMap((text) => [
        text,
        text.toUpperCase(),
        text.toLowerCase(),
        text.slice(0, 4) + text.slice(4).toUpperCase(),
      ])
      .map((text) => ({ source, flags, text, found: ours.exec(text)?.[0] ?? null }))
  })
  expect(matchInNewProcess(cases)).toEqual(cases.map(({ found }) => found))
})

/** By V8's own groups, which are right in a process that has just begun. */
function matchInNewProcess(cases: readonly object[]): unknown {
  const script = `
    let input = ''
    process.stdin.on('data', (part) => (input += part)).on('end', () => {
      const found = JSON.parse(input).map(({ source, flags, text }) => new RegExp(source, flags).exec(text)?.[0] ?? null)
      process.stdout.write(JSON.stringify(found))
    })`
  const input = JSON.stringify(cases)
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { input, encoding: 'utf8' }))
}

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
