import { expect, test } from 'vitest'
import { calledRules, readRecipes } from '../../../src/checks/plans/recipe-file.ts'

const scripts = (text: string) => calledRules(readRecipes(text, 'make'), ['test']).map(({ script }) => script)

test('each line of a target adds dependencies, in order, before and after its recipe', () => {
  const rules = 'a:\n\techo a\nb:\n\techo b\nc:\n\techo c\n'
  expect(scripts(`test: a\ntest: b c\n${rules}`)).toEqual(['echo a', 'echo b', 'echo c', ''])
  expect(scripts(`test: a\ntest: b\n\tpytest\n${rules}`)).toEqual(['echo a', 'echo b', 'pytest'])
  expect(scripts(`${rules}test: c\n\tpytest\ntest: a\n`)).toEqual(['echo c', 'pytest'])
})

test('what two targets of one line depend on stays apart', () => {
  const rules = 'a:\n\techo a\nb:\n\techo b\n'
  expect(scripts(`test lint: a\nlint: b\n${rules}`)).toEqual(['echo a', ''])
})

test('a target of as many lines as a file may have keeps the first hundreds of dependencies', () => {
  const lines = Array.from({ length: 10_000 }, (_, at) => `test: a${at}\n`).join('')
  expect(scripts(`${lines}a499:\n\techo seen\na500:\n\techo not\n`)).toEqual(['echo seen', ''])
  const line = `test: ${Array.from({ length: 10_000 }, (_, at) => `a${at}`).join(' ')}\n`
  expect(scripts(`${line}a499:\n\techo seen\na500:\n\techo not\n`)).toEqual(['echo seen', ''])
})

test('a target that is named again and again, or in a circle, runs once', () => {
  expect(scripts(`test: ${'a '.repeat(400)}\na: test\n\techo a\n`)).toEqual(['echo a', ''])
})
