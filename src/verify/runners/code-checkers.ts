import type { CommandPart, Hook } from './resolve-command.ts'
import { shellWords } from './shell-words.ts'

/** Programs that look at code and make nothing that tests need: linters, formatters, checkers of types and of packages. */
const CHECKER =
  /^(?:eslint|xo|standard|semistandard|ts-standard|tslint|oxlint|jshint|jscs|biome|prettier|dprint|stylelint|markdownlint(?:-cli2?)?|remark|commitlint|lockfile-lint|ls-lint|editorconfig-checker|ec|cspell|publint|attw|knip|depcheck|dtslint|flow|svelte-check|phpcs|php-cs-fixer|phpstan|psalm|golint)$/
const TYPES_ONLY = /^(?:tsc|vue-tsc)(?: .*)? ?--noEmit\b/
const STARTER =
  /^(?:(?:npx|bunx|pnpx)(?: --no-install| --yes| -y)?|(?:pnpm|npm|bun)(?: --silent| -s)? (?:exec|x)(?: --)?|yarn(?: run)?) /
/** Scripts that are named for what they do. */
const CHECKING_SCRIPT =
  /^(?:npm|pnpm|yarn|bun)(?: run| run-script)?(?: -s| --silent)? (?:lint|eslint|standard|prettier|format|fmt|typecheck|type-check|check-types|spell(?:check)?|style)(?:[:-][\w:-]+)?$/

/** Whether tests run as well without what this part does. */
export function isChecker({ words, call, script, members }: CommandPart): boolean {
  if (call !== undefined || members !== undefined) return false
  if (script !== undefined) return script.parts.length > 0 && script.parts.every(isChecker)
  return isCheckingText(words.map(({ text }) => text).join(' '))
}

/** Whether a hook of a script, `pretest`, only looks at code. */
export function isCheckingHook({ text }: Hook): boolean {
  const commands = shellWords(text.trim()) ?? []
  return (
    commands.length > 0 && commands.every((words) => isCheckingText(words.map((word) => word.text).join(' ')))
  )
}

function isCheckingText(text: string): boolean {
  const own = text.replace(STARTER, '')
  return CHECKING_SCRIPT.test(text) || TYPES_ONLY.test(own) || CHECKER.test(own.split(' ')[0] ?? '')
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
