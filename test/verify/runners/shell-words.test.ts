import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shellQuote } from '../../../src/text/shell-quote.ts'
import { shellWords } from '../../../src/verify/runners/shell-words.ts'
import { expectLinear } from '../../support/growth.ts'

const PLAIN = ['a', ' ', ' ', '"b c"', "'d e'", '\\ ', ' && ', '-x=1', 'A=b', '"', "'"]
const SPECIAL = [...PLAIN, '&&', '{x,y}', '*.js', '$V', '#', ';', '|', '>f', '$(', '`', '(', ')', '!', '\n']

test('words are those that bash sees, or the command is not understood', () => {
  const seen: string[] = []
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PLAIN), { minLength: 2, maxLength: 8 }), (tokens) => {
      const command = tokens.join('')
      const commands = shellWords(command)
      if (commands === undefined) return
      for (const words of commands) {
        // Written down again it is the same command.
        expect(shellWords(words.map(({ raw }) => raw).join(' '))).toEqual([words])
        seen.push(words.map(({ raw }) => raw).join(' '), ...words.map(({ text }) => text), 'END')
      }
    }),
    { numRuns: 300 },
  )
  expect(seen.length).toBeGreaterThan(50)
  // One bash for all of them: each command's words, one per line.
  const script = commandsIn(seen).map(({ raw }) => `printf '%s\\n' ${raw}; echo END`)
  const printed = execFileSync('bash', ['-c', script.join('\n')], { encoding: 'utf8' })
  expect(printed.trimEnd().split('\n')).toEqual(commandsIn(seen).flatMap(({ texts }) => [...texts, 'END']))
})

function commandsIn(seen: readonly string[]) {
  const commands: { raw: string; texts: string[] }[] = []
  let current: string[] = []
  for (const line of seen) {
    if (line !== 'END') {
      current.push(line)
      continue
    }
    const [raw = '', ...texts] = current
    commands.push({ raw, texts })
    current = []
  }
  return commands
}

test('no command makes it throw', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...SPECIAL), fc.string())), (tokens) => {
      expect(
        shellWords(tokens.join(''))
          ?.flat()
          .every(({ raw }) => raw !== ''),
      ).not.toBe(false)
    }),
  )
})

test('long commands take linear time', () => {
  for (const unit of ['a ', '"a" ', "'", '{', '\\']) expectLinear(shellWords, unit, 19_000)
})

test('what is quoted is one word', () => {
  for (const text of ['a', "it's", 'a b', '$(x)', '', '*.js', 'ü']) {
    expect(shellWords(`x ${shellQuote(text)}`)?.[0]?.[1]?.text ?? text).toBe(text)
  }
})
