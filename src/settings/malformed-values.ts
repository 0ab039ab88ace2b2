import { VARIABLES } from './variables.ts'

const QUOTE = '["\'`“”‘’]'
const QUOTED = new RegExp(`^${QUOTE}.*${QUOTE}$`, 's')
const HALF_QUOTED = new RegExp(`^${QUOTE}|${QUOTE}$`)
/** People may choose these themselves, so a quotation mark at one end can be part of them. */
const CHOSEN_BY_PEOPLE = new Set(['WEBHOOK_SECRET', 'API_TOKENS'])
/** Pasted along from a chat or a web page; an HTTP header with one of them is refused, or means another key. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/

/** A sentence for each value that cannot be meant as it is. Values that end in a line break are trimmed elsewhere. */
export function findMalformedValues(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(VARIABLES).flatMap((name) => {
    const value = env[name]?.trim() ?? ''
    const quoted = CHOSEN_BY_PEOPLE.has(name) ? QUOTED : HALF_QUOTED
    if (quoted.test(value))
      return [
        `${name} is in quotation marks. Remove them: outside of an .env file they become part of the value.`,
      ]
    if (name !== 'PRIVATE_KEY' && /\p{Cc}/u.test(value))
      return [`${name} has a line break or another control character in it. Set it again, on one line.`]
    if (INVISIBLE.test(value))
      return [`${name} has an invisible character in it. Type it again, or copy it from where it was made.`]
    return []
  })
}
