/**
 * Words from examples and from attackers' lists. Each counts as one letter, even with digits in place of letters
 * (`p4ssw0rd`).
 */
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
/** Rows of a keyboard, and zigzags that fingers like to type. */
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
/** Any random secret of 16 characters has more different letters than this. */
const LEAST_LETTERS = 5
/** A random secret has nearly as many surprises as characters. */
const LEAST_SURPRISES = 8
/** How many characters are examined; nothing after these can make a secret weak. */
const LOOKED_AT = 256

/** Why a secret is easy to guess, as the end of a sentence; undefined if it is not. */
export function weaknessOf(
  secret: string,
  { leastBytes }: { readonly leastBytes: number },
): string | undefined {
  if (Buffer.byteLength(secret) < leastBytes) return `is under ${leastBytes} characters`
  if (new Set(secret).size < LEAST_LETTERS || countSurprises(secret) < LEAST_SURPRISES)
    return 'is easy to guess: it repeats itself, runs along the alphabet or the keyboard, or is made of common words'
  return undefined
}

/**
 * Counts the characters that do not follow from what came before. A repetition, a run or a common word counts as one.
 */
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

/** Length of the longest text from here on that also occurs earlier. */
function repetitionAt(text: string, at: number): number {
  let length = 0
  while (at + length < text.length && text.slice(0, at + length).includes(text.slice(at, at + length + 1)))
    length++
  return length
}

/** Length of a run from here on, such as `aaaa`, `abcd`, `9876` or `aabbcc`, or of two runs in turn, as in `a1b2c3`. */
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
  // If there are only three letters in turn, the likeness of the first and the third is a coincidence.
  return Math.max(lengthOf(1, 1), lengthOf(-1, 1), inTurn > 3 ? inTurn : 1)
}

function keyboardAt(text: string, at: number): number {
  let length = 0
  while (at + length < text.length && ROWS.some((row) => row.includes(text.slice(at, at + length + 1))))
    length++
  return length
}
