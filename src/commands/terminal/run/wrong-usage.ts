import { BackspaceError } from '../../../errors.ts'

/** A command line that a command cannot carry out. It prints the problem, and its usage below. */
export class WrongUsage extends BackspaceError {
  /** @param problem whole sentences: what is wrong, or what is missing. */
  constructor(problem: string) {
    super('bad_request', problem)
  }
}

/**
 * The one argument of a command that takes one.
 *
 * @param missing what the person should do who wrote none: `Name a repository.`
 * @throws {WrongUsage}
 */
export function onlyArgument(positionals: readonly string[], missing: string): string {
  const [argument = '', extra] = positionals
  if (argument.trim() === '') throw new WrongUsage(missing)
  if (extra !== undefined) throw new WrongUsage(`"${extra}" is one argument too many.`)
  return argument
}

/** What is wrong with a command line that `parseArgs` refused; undefined for every other error. */
export function wrongOption(error: unknown): string | undefined {
  const { code } = error as NodeJS.ErrnoException
  if (!(error instanceof Error) || !String(code).startsWith('ERR_PARSE_ARGS')) return undefined
  const name = optionWithoutValue(error)
  if (name !== undefined) return `--${name} has no value.`
  // Node's advice behind the first sentence does not fit here.
  return `${error.message.replace(/[.:] .*|\.?\n.*/s, '')}.`
}

/** The option that `parseArgs` refused because no value follows it, or one that looks like an option. */
export function optionWithoutValue(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return /^Option '(?:-\w, )?--([\w-]+)[^']*' argument (?:missing|is ambiguous)/.exec(error.message)?.[1]
}
