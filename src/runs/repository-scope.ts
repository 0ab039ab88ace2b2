/**
 * Which repositories a caller may reach: patterns of `owner/name`, where `*` is any text without a slash. Upper and lower
 * case are the same, as on GitHub.
 */
export type RepositoryScope = readonly string[]

const ALL = '*/*'

export const ALL_REPOSITORIES: RepositoryScope = [ALL]

/**
 * A pattern as a person wrote it: `acme/greeter`, `acme/*`, or `*` for every repository.
 *
 * @returns undefined when it is no pattern. Two stars in one part would say nothing that one does not.
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
