import type { ShellWord } from '../../../text/shell-quote.ts'

/** Characters that a shell treats specially outside of quotes, without `*`, `?` and brackets, which only match names of files. */
const SPECIAL = /[$`|&;<>(){}\\#!~^]/
/** Characters that a shell treats specially inside double quotes. */
const SPECIAL_QUOTED = /[$`\\]/

/** The words of one plain command; undefined if a shell would do more with it than run a program with these words. */
export function plainWords(text: string): readonly ShellWord[] | undefined {
  const words: ShellWord[] = []
  let word: { text: string; raw: string } | undefined
  let quote = ''
  for (const char of text) {
    if (quote === '' && (char === ' ' || char === '\t')) {
      if (word !== undefined) words.push(word)
      word = undefined
      continue
    }
    word ??= { text: '', raw: '' }
    word.raw += char
    if (quote === '' && (char === '"' || char === "'")) quote = char
    else if (char === quote) quote = ''
    else if (
      quote === '"' ? SPECIAL_QUOTED.test(char) : quote === '' && isSpecial(char, word.text, words.length > 0)
    ) {
      return undefined
    } else word.text += char
  }
  if (word !== undefined) words.push(word)
  return quote === '' && words.length > 0 ? words : undefined
}

/** Whether a character is special. `#~^!` are not inside a word, as in `a~=1`, nor is `!` in arguments of a script. */
function isSpecial(char: string, before: string, isArgument: boolean): boolean {
  return SPECIAL.test(char) && !(before !== '' && '#!~^'.includes(char)) && !(isArgument && char === '!')
}
