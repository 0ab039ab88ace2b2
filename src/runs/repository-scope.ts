/**
 * The repositories that a caller may reach: patterns of `owner/name`, where `*` matches any text without a slash. As on
 * GitHub, case does not matter.
 */
export type RepositoryScope = readonly string[]

const ALL = '*/*'

export const ALL_REPOSITORIES: RepositoryScope = [ALL]

/**
 * Reads a pattern that a person wrote: `acme/greeter`, `acme/*`, or `*` for every repository.
 *
 * @returns undefined when the text is no pattern. Two stars in one part are refused, since they would match what one
 * matches.
 */
export function parseRepositoryPattern(text: string): string | undefined {
  if (text === '*') return ALL
  const isPattern = /^(?:[\w.-]*\*)?[\w.-]*\/(?:[\w.-]*\*)?[\w.-]*$/.test(text)
  return isPattern && !/^\/|\/$/.test(text) && text.length <= 150 ? text.toLowerCase() : undefined
}

export function coversAll(scope: RepositoryScope): boolean {
  return scope.includes(ALL)
}

export function isInScope(
  scope: RepositoryScope,
  { owner, name }: { readonly owner: string; readonly name: string },
): boolean {
  const key = `${owner}/${name}`.toLowerCase()
  return scope.some((pattern) => new RegExp(`^${inRegExp(pattern)}$`).test(key))
}

function inRegExp(pattern: string): string {
  return pattern.toLowerCase().split('*').map(RegExp.escape).join('[^/]*')
}
