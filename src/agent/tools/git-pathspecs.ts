const MAX_SPECS = 64
/** Characters; a command line holds as many as 64 of these. */
const MAX_GLOB = 1000
const MAX_BRACES = 40

/**
 * A glob as git's pathspecs. Git has no braces, so `*.{js,ts}` becomes two; a glob without a slash matches at
 * any depth, as people expect of `*.ts`.
 *
 * @param directory from the root of the workspace, `.` for the root itself.
 */
export function gitPathspecs(glob: string, directory: string): readonly string[] {
  const base = directory === '.' ? '' : `${directory}/`
  return expandBraces(glob.replace(/^\.?\//, '').slice(0, MAX_GLOB)).map(
    (pattern) => `:(top,glob)${base}${pattern.includes('/') ? pattern : `**/${pattern}`}`,
  )
}

/** The first `MAX_SPECS`: `{a,b}` written forty times would be a trillion. Each round opens the first braces of all. */
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
