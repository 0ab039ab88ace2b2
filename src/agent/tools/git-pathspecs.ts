const MAX_SPECS = 64
/** Characters of a glob; a command line can hold 64 of these. */
const MAX_GLOB = 1000
const MAX_BRACES = 40

/**
 * Turns a glob into pathspecs of git. Git knows no braces, so `*.{js,ts}` becomes two pathspecs. A glob without a slash
 * matches at any depth, as people expect of `*.ts`.
 *
 * @param directory path from the root of the workspace; `.` for the root itself.
 */
export function gitPathspecs(glob: string, directory: string): readonly string[] {
  const base = directory === '.' ? '' : `${directory}/`
  return expandBraces(glob.replace(/^\.?\//, '').slice(0, MAX_GLOB)).map(
    (pattern) => `:(top,glob)${base}${pattern.includes('/') ? pattern : `**/${pattern}`}`,
  )
}

/**
 * Expands braces to at most `MAX_SPECS` patterns, since `{a,b}` written forty times would give a trillion. Each round
 * expands the first braces of every pattern.
 */
function expandBraces(glob: string): readonly string[] {
  let patterns: readonly string[] = [glob]
  for (let round = 0; round < MAX_BRACES; round++) {
    const opened = patterns.flatMap(openBraces).slice(0, MAX_SPECS)
    if (opened.every((pattern, index) => pattern === patterns[index])) break
    patterns = opened
  }
  return patterns
}

function openBraces(pattern: string): readonly string[] {
  const match = /\{([^{}]*,[^{}]*)\}/.exec(pattern)
  if (!match) return [pattern]
  const [braces, choices = ''] = match
  const [before, after] = [pattern.slice(0, match.index), pattern.slice(match.index + braces.length)]
  return choices.split(',', MAX_SPECS).map((choice) => `${before}${choice}${after}`)
}
