import { entropyOf } from './entropy.ts'
import type { Range } from './rule.ts'

const NAME = String.raw`(?:password|passwd|passphrase|pwd|secret)[\w-]{0,20}`
const QUOTED = new RegExp(
  String.raw`${NAME}(?:["']|\\["'])?\s{0,3}(?::=|=>|[=:])\s{0,3}(?:"([^"\s\\]{8,128})"|'([^'\s\\]{8,128})'|\\"([^"\s\\]{8,128})\\")`,
  'iy',
)
/** As in a settings file: a name in capitals, and a value up to the end of the line. */
const BARE = /(?:PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET)[A-Z0-9_]{0,20}=([^\s'"`\\]{8,128})(?=\s|$|\\[nrt])/y
/**
 * Like `BARE` but in any case. The value must then look more like a password: `spring.datasource.password=kJ8mN2pQ`.
 */
const PLAIN = new RegExp(String.raw`${NAME}[=:][ \t]?([A-Za-z0-9!@#%^*+=_-]{8,128})(?=\s|$|\\[nrt])`, 'iy')
const SEVERAL_NUMBERS = /\d[^\d]+\d/

/** A template, a call, an address or a path. */
const NOT_WRITTEN_OUT = /\$[{(A-Z]|\{\{|^[<%[{$/.]|\(|:\/\/|^[a-z]+(?:\.[a-zA-Z]+)+$/

/** As in `DB_PASSWORD_V2` or `secret-2-levels`: a name, not a password. */
const NAME_OF_THING = /^(?:[A-Z0-9_-]+|[a-z]+(?:[-_.][a-z]+|[-_.]?\d{1,2}(?!\d))*)$/

/** Finds a password with characters that keys do not have: `DB_PASSWORD="Tr0ub4dor&3"`. Other rules find keys. */
export function findPassword(text: string, at: number): Range | undefined {
  for (const pattern of [QUOTED, BARE, PLAIN]) pattern.lastIndex = at
  const written = QUOTED.exec(text) ?? BARE.exec(text)
  const match = written ?? PLAIN.exec(text)
  const password = match?.[1] ?? match?.[2] ?? match?.[3]
  if (!match || password === undefined || !isPassword(password)) return undefined
  if (!written && !(SEVERAL_NUMBERS.test(password) && /[A-Z]/.test(password))) return undefined
  const start = at + match[0].lastIndexOf(password)
  return { start, end: start + password.length }
}

function isPassword(text: string): boolean {
  if (NOT_WRITTEN_OUT.test(text) || NAME_OF_THING.test(text)) return false
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(text)).length
  return kinds >= 3 && /\d/.test(text) && entropyOf(text) >= 2.75
}
