import { expect, test } from 'vitest'
import { parseYaml } from '../../src/text/parse-yaml.ts'

test.each([
  ['8 KiB', `a: ${'b'.repeat(8192)}`],
  ['800 lines', `a: |\n${' x\n'.repeat(801)}`],
  ['brackets', '['.repeat(101)],
  ['quotes', '"'.repeat(2001)],
  ['nested', '- '.repeat(20)],
])('what could take long is refused unparsed: more than %s', (what, text) => {
  expect(() => parseYaml(text)).toThrow(new RegExp(what))
})

test('a file as people write it is read', () => {
  const packages = Array.from({ length: 200 }, (_, index) => `  '@scope/package-${index}': "^1.2.${index}"`)
  const text = ['# Versions', 'catalog:', ...packages].join('\n')
  expect(parseYaml(text)).toMatchObject({ catalog: { '@scope/package-199': '^1.2.199' } })
})
