/** Words of examples and of attackers' lists. They count as one letter, also with digits for letters (`p4ssw0rd`). */
const WORDS =
  /^(?:password|passwort|passw|secret|development|production|staging|webhook|token|changeme|change|letmein|welcome|admin|default|example|sample|backspace|github|testing|test|dummy|master|login|iloveyou|monkey|dragon|private|public|server|super|hello|world)/
const LEET: Readonly<Record<string, string>> = {
  '@': 'a',
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  $: 's',
}
/** Rows of keyboards, and the zigzags that fingers like. */
const ROWS = [
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  '1234567890',
  '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  '!@#$%^&*()',
].flatMap((row) => [row, [...row].reverse().join('')])
/** Fewer different letters than any random secret of 16 characters has. */
const LEAST_LETTERS = 5
/** Random secrets have nearly as many as they have characters. */
const LEAST_SURPRISES = 8
/** Nothing after these characters makes a secret weak. */
const LOOKED_AT = 256

/** What makes a secret easy to guess, as the end of a sentence; undefined for one that is not. */
export function weaknessOf(
  secret: string,
  { leastBytes }: { readonly leastBytes: number },
): string | undefined {
  if (Buffer.byteLength(secret) < leastBytes) return `is under ${leastBytes} characters`
  if (new Set(secret).size < LEAST_LETTERS || countSurprises(secret) < LEAST_SURPRISES)
    return 'is easy to guess: it repeats itself, runs along the alphabet or the keyboard, or is made of common words'
  return undefined
}

/** Counts what does not follow from what came before: a repetition, a run or a common word counts as one letter. */
function countSurprises(secret: string): number {
  const text = secret.slice(0, LOOKED_AT).toLowerCase()
  const words = [...text].map((letter) => LEET[letter] ?? letter).join('')
  let surprises = 0
  for (let at = 0; at < text.length; surprises++) {
    const word = WORDS.exec(words.slice(at))?.[0].length ?? 0
    const longest = Math.max(word, repetitionAt(text, at), runAt(text, at), keyboardAt(text, at))
    at += longest >= 3 ? longest : 1
  }
  return surprises
}

/** Length of the longest text from here that already occurred before. */
function repetitionAt(text: string, at: number): number {
  let length = 0
  while (at + length < text.length && text.slice(0, at + length).includes(text.slice(at, at + length + 1)))
    length++
  return length
}

/** Length of a run like `aaaa`, `abcd`, `9876` or `aabbcc` from here, or of two in turn, like `a1b2c3`. */
function runAt(text: string, at: number): number {
  const lengthOf = (direction: number, stride: number) => {
    let length = stride
    while (at + length < text.length) {
      const step = text.charCodeAt(at + length) - text.charCodeAt(at + length - stride)
      if (step !== 0 && step !== direction) break
      length++
    }
    return length
  }
  const inTurn = Math.max(lengthOf(1, 2), lengthOf(-1, 2))
  // Three letters with the third near the first are chance.
  return Math.max(lengthOf(1, 1), lengthOf(-1, 1), inTurn > 3 ? inTurn : 1)
}

function keyboardAt(text: string, at: number): number {
  let length = 0
  while (at + length < text.length && ROWS.some((row) => row.includes(text.slice(at, at + length + 1))))
    length++
  return length
}
