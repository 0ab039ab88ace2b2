/** What comes in front of `42-fix-login-1a2b3c4d`: letters, digits and `.`, `_`, `-`, `/` in between, so that git takes every name. */
const PREFIX = /^[A-Za-z0-9][\w.-]{0,39}(?:\/[A-Za-z0-9][\w.-]{0,39}){0,3}[/_-]?$/

/** Whether a text can begin the names of branches. */
export function isBranchPrefix(text: string): boolean {
  const isOdd = /\.\.|\.lock(?:\/|$)|\.\/|\.$/.test(text)
  return text.length <= 60 && PREFIX.test(text) && !isOdd && !/^(?:refs|heads|HEAD)(?:\/|$)/i.test(text)
}
