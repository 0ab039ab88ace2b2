const LONGEST = 2000
/** Words, pipes and lists; stderr may be discarded or joined to stdout. No variable, substitution, group, `{}` or written file. */
const WORD = String.raw`(?:'[^'\n]*'|"[^"$\`\\!\n]*"|[\w./:=@%+,*?^~[\]-])+`
const TOKEN = new RegExp(
  String.raw`[ \t]+|(?:2>&1|2>[ \t]*/dev/null|>[ \t]*/dev/null)(?=[ \t;|&\n]|$)|\|\||&&|[|;\n]|${WORD}`,
  'gy',
)
const JOINS = /^(?:\|\|?|&&|[;\n])$/
const NOT_A_WORD = /^(?:[ \t]+|\d?>.*)$/

const ANY = () => true
const without = (flags: RegExp) => (words: readonly string[]) => !words.some((word) => flags.test(word))

/** Programs that write nothing, each with a check of its arguments. */
const PROGRAMS: Readonly<Record<string, (words: readonly string[]) => boolean>> = {
  ...Object.fromEntries(
    'cat cd cut date df dirname du echo egrep false fgrep file grep head ls nl printf pwd realpath stat tail test tr true wc which'
      .split(' ')
      .map((name) => [name, ANY]),
  ),
  diff: without(/^--output/),
  find: without(/^-(?:exec|ok|delete|fprint|fls)/),
  rg: without(/^--(?:pre|hostname-bin)/),
  sort: without(/^(?:-[A-Za-z]*[oT]|--(?:output|compress|temp))/),
  // Only `sed -n 1,9p`, which prints lines.
  sed: ([flag, script = '', ...files]) =>
    flag === '-n' && /^\d+(?:,(?:\d+|\$))?p$/.test(script) && without(/^-/)(files),
  git: ([command = '', ...rest]) =>
    /^(?:status|diff|log|show|blame|ls-files|ls-tree|rev-parse|cat-file|shortlog|describe)$/.test(command) &&
    without(/^--(?:output|ext-diff|textconv)/)(rest),
}

/**
 * Whether a command only reads, so that the workspace need not be examined after it, which costs more than the command
 * itself. Names of programs decide, and a repository may replace a program by its own. So only checkpoints depend on the
 * answer; before a change is published, all files are examined.
 */
export function readsOnly(command: string): boolean {
  if (command.length > LONGEST) return false
  const calls: string[][] = [[]]
  const text = command.trim()
  let end = 0
  for (const [token] of text.matchAll(TOKEN)) {
    end += token.length
    if (JOINS.test(token)) calls.push([])
    else if (!NOT_A_WORD.test(token)) calls.at(-1)?.push(token.replaceAll(/['"]/g, ''))
  }
  if (end < text.length) return false
  return calls.every(([program = '', ...words]) => {
    return Object.hasOwn(PROGRAMS, program) && PROGRAMS[program]?.(words) === true
  })
}
