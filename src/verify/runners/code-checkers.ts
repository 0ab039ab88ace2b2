import { looksOnly } from '../../text/code-checkers.ts'
import type { CommandPart, Hook } from './resolve-command.ts'

/** Whether a part of a command only checks code, so that tests can run without it. */
export function isChecker({ words, call, script, members }: CommandPart): boolean {
  if (call !== undefined || members !== undefined) return false
  if (script !== undefined) return script.parts.length > 0 && script.parts.every(isChecker)
  return looksOnly(words.map(({ text }) => text).join(' '))
}

/** Whether a hook of a script, such as `pretest`, only checks code. */
export function isCheckingHook({ text }: Hook): boolean {
  return looksOnly(text)
}

/** Whether tests in a script follow a command that only checks code, so that they would not run if it fails. */
export function isBehindChecker({ script }: CommandPart): boolean {
  if (script === undefined) return false
  if (script.before.some(isCheckingHook) && script.parts.some(hasCall)) return true
  const last = script.parts.findLastIndex(hasCall)
  return script.parts.slice(0, last + 1).some((part) => isChecker(part) || isBehindChecker(part))
}

/** Whether a part calls a known runner, directly or through scripts. */
function hasCall({ call, script, members = [] }: CommandPart): boolean {
  return call !== undefined || members.some(hasCall) || (script?.parts.some(hasCall) ?? false)
}
