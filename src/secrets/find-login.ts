import type { Range } from './rule.ts'

/** User and password after `://`. The password goes up to the last `@` before the path. */
const USER_INFO = /:\/\/([^\s/:@'"`<>\\]{0,128}):([^\s/'"`<>\\]{3,256})@/y
/** A template, or a password that is masked already. */
const MASKED_OR_TEMPLATE = /^(?:[${<%[]|\*+$|\.+$)/

/** Finds the password in an address, such as that of a database. */
export function findUrlPassword(text: string, at: number): Range | undefined {
  USER_INFO.lastIndex = at
  const [whole, user = '', password = ''] = USER_INFO.exec(text) ?? []
  if (whole === undefined || MASKED_OR_TEMPLATE.test(password)) return undefined
  const start = at + '://'.length + user.length + ':'.length
  return { start, end: start + password.length }
}

/** How many characters before its `-u` a command may begin, since it may span a few lines. */
const COMMAND = 400
const OPTION =
  /(?:-u|--user)(?:=|\s{0,5})(?:"([^"\s:]{10,100}:|[^"\s]{1,100}:[^"\s]{3,100}|:[^"\s]{3,100})"|'([^'\s]{1,100}:[^'\s]{3,100})'|((?:"[^"\s]{3,100}"|'[^'\s]{3,100}'|[\w$@.-]{1,100}):(?:"[^"\s]{3,100}"|'[^'\s]{3,100}'|[^\s'"]{3,100})))(?=\s|$)/y
const PLACEHOLDER =
  /^[^:]{1,9}:(?:change(?:it|me)|pass(?:word)?|pwd|test|token|secret|\*+|x+|y+)?["']?$|^["']?[<[{$]|:["']?[<[{$]/i

/** Finds user and password in a curl command: `curl -u name:password`. */
export function findCurlUser(text: string, at: number): Range | undefined {
  if (!/\bcurl\b/.test(text.slice(Math.max(0, at - COMMAND), at))) return undefined
  OPTION.lastIndex = at
  const match = OPTION.exec(text)
  const credentials = match?.[1] ?? match?.[2] ?? match?.[3]
  if (!match || credentials === undefined || PLACEHOLDER.test(credentials)) return undefined
  const start = at + match[0].lastIndexOf(credentials)
  return { start, end: start + credentials.length }
}
