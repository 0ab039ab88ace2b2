/** A script that CI runs from the root of a workspace in members that it names. */
export interface MemberScript {
  /** The script's name: `test`, `build:all`. */
  readonly name: string
  /** True if it is a program of the members, such as `vitest`, not a script. */
  readonly isProgram: boolean
  /** The words after the name. */
  readonly rest: readonly string[]
}

const MANAGERS = /^(?:npm|pnpm|yarn|bun)$/
/** Options that name members, with the value in the next word unless it is joined. */
const NAMES = /^(?:--filter|-F|--workspace|-w|--scope)$/

/**
 * Reads `test` from `pnpm --filter a --filter b run test` or `yarn workspace a test`; undefined if a command names no members.
 */
export function memberScript(words: readonly string[]): MemberScript | undefined {
  const [program = ''] = words
  if (!MANAGERS.test(program)) return undefined
  let isNamed = false
  let isProgram = false
  let name: string | undefined
  const rest: string[] = []
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? ''
    const [option = ''] = word.split('=', 1)
    if (name !== undefined && word === '--') break
    if (NAMES.test(option) || (word === 'workspace' && program === 'yarn' && name === undefined)) {
      // For pnpm, `-w` is the root itself.
      if (option === '-w' && program === 'pnpm') return undefined
      isNamed = true
      if (!word.includes('=')) at++
    } else if (name !== undefined) rest.push(word)
    else if (word === 'exec') isProgram = true
    else if (/^(?:dlx|install|add|i|ci|workspaces)$/.test(word)) return undefined
    else if (!word.startsWith('-') && !/^(?:run|run-script)$/.test(word)) name = word
  }
  return isNamed && name !== undefined ? { name, isProgram, rest } : undefined
}
