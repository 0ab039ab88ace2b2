import picomatch from 'picomatch'

/** Where GitHub looks, in its order. */
export const CODEOWNERS_PATHS = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const

/** The owners of a path by a CODEOWNERS file: the last pattern that fits decides, and it may name nobody. */
export function codeOwners(text: string, path: string): readonly string[] {
  let owners: readonly string[] = []
  for (const line of text.split('\n', 3000)) {
    const [pattern, ...names] = line
      .replace(/(?:^|\s)#.*$/, '')
      .trim()
      .split(/\s+/)
    if (pattern && isPlain(pattern) && fits(pattern, path)) owners = names
  }
  return owners
}

/** The file belongs to the repository: a pattern that would make a matcher search for ever is no pattern of ours. */
function isPlain(pattern: string): boolean {
  return pattern.length <= 200 && pattern.replaceAll('**', '*').split('*').length <= 4
}

/** As in .gitignore: a slash inside anchors at the root, and a directory means all below it. */
function fits(pattern: string, path: string): boolean {
  const anchored = pattern.replace(/\/$/, '').includes('/')
  const bare = pattern.replace(/^\//, '').replace(/\/$/, '')
  const base = anchored ? bare : `**/${bare}`
  const globs = pattern.endsWith('/*') ? [base] : [...(pattern.endsWith('/') ? [] : [base]), `${base}/**`]
  return picomatch.isMatch(path, globs, { dot: true, noextglob: true, nobrace: true, nobracket: true })
}
