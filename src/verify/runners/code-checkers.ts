import { looksOnly } from '../../text/code-checkers.ts'
import type { CommandPart, Hook } from './resolve-command.ts'

/** Whether tests run as well without what this part does. */
export function isChecker({ words, call, script, members }: CommandPart): boolean {
  if (call !== undefined || members !== undefined) return false
  if (script !== undefined) return script.parts.length > 0 && script.parts.every(isChecker)
  return looksOnly(words.map(({ text }) => text).join(' '))
}

/** Whether a hook of a script, `pretest`, only looks at code. */
export function isCheckingHook({ text }: Hook): boolean {
  return looksOnly(text)
}

/** Whether tests in a script come after something that only looks at code: they would not run if that fails. */
export function isBehindChecker({ script }: CommandPart): boolean {
  if (script === undefined) return false
  if (script.before.some(isCheckingHook) && script.parts.some(hasCall)) return true
  const last = script.parts.findLastIndex(hasCall)
  return script.parts.slice(0, last + 1).some((part) => isChecker(part) || isBehindChecker(part))
}

/** Whether it calls a known runner, however deep. */
function hasCall({ call, script, members = [] }: CommandPart): boolean {
  return call !== undefined || members.some(hasCall) || (script?.parts.some(hasCall) ?? false)
}
