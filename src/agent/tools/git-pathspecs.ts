const MAX_SPECS = 64

/**
 * A glob as git's pathspecs. Git has no braces, so `*.{js,ts}` becomes two; a glob without a slash matches at
 * any depth, as people expect of `*.ts`.
 *
 * @param directory from the root of the workspace, `.` for the root itself.
 */
export function gitPathspecs(glob: string, directory: string): readonly string[] {
  const base = directory === '.' ? '' : `${directory}/`
  return expandBraces(glob.replace(/^\.?\//, ''))
    .slice(0, MAX_SPECS)
    .map((pattern) => `:(top,glob)${base}${pattern.includes('/') ? pattern : `**/${pattern}`}`)
}

function expandBraces(pattern: string): string[] {
  const match = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(pattern)
  if (!match) return [pattern]
  const [, before = '', choices = '', after = ''] = match
  return choices
    .split(',')
    .slice(0, MAX_SPECS)
    .flatMap((choice) => expandBraces(`${before}${choice}${after}`).slice(0, MAX_SPECS))
}
