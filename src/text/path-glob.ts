/**
 * Matches paths against a pattern: `*` is any part of one name, `**` as a whole name is any number of folders, `?` is
 * one character; everything else means itself, and case matters. The pattern must match the whole path: `*.json`
 * does not match `a/b.json`, but `**\/*.json` does.
 *
 * Patterns come from repositories. A library that turns them into regular expressions takes 50 s for `*a*a*a*a*ab` and
 * a name of 250 letters. This code walks along both and remembers one place to return to, so its time is at most the
 * product of the two lengths.
 */
export function createPathGlob(pattern: string): (path: string) => boolean {
  const names = pattern.split('/').map((name) => (name === '**' ? '**' : [...name]))
  return (path) =>
    fitsWildcards(names, path.split('/'), {
      isStar: (name) => name === '**',
      fits: (name, segment) =>
        name !== '**' &&
        fitsWildcards(name, [...segment], {
          isStar: (character) => character === '*',
          fits: (character, other) => character === '?' || character === other,
        }),
    })
}

/** Whether the items match the pattern, in which a star matches any number of items. */
function fitsWildcards<P, T>(
  pattern: readonly P[],
  items: readonly T[],
  { isStar, fits }: { readonly isStar: (part: P) => boolean; readonly fits: (part: P, item: T) => boolean },
): boolean {
  let at = 0
  let item = 0
  /** The place in the pattern after the last star, and the first item that this star has not taken yet. */
  let retry: { readonly at: number; item: number } | undefined
  while (item < items.length) {
    const part = pattern[at]
    if (part !== undefined && isStar(part)) {
      at++
      retry = { at, item }
    } else if (part !== undefined && fits(part, items[item] as T)) {
      at++
      item++
    } else if (retry !== undefined) {
      retry.item++
      at = retry.at
      item = retry.item
    } else {
      return false
    }
  }
  return pattern.slice(at).every(isStar)
}
