/**
 * What comes before `42-fix-login-1a2b3c4d`: letters, digits, and `.`, `_`, `-`, `/` between them, so that git accepts
 * every name.
 */
const PREFIX = /^[A-Za-z0-9][\w.-]{0,39}(?:\/[A-Za-z0-9][\w.-]{0,39}){0,3}[/_-]?$/

/** Whether the names of branches may begin with this text. */
export function isBranchPrefix(text: string): boolean {
  const isOdd = /\.\.|\.lock(?:\/|$)|\.\/|\.$/.test(text)
  return text.length <= 60 && PREFIX.test(text) && !isOdd && !/^(?:refs|heads|HEAD)(?:\/|$)/i.test(text)
}
