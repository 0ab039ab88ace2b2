const LONGEST = 2000
/** Words, pipes and lists; errors may be thrown away or joined. No variable, substitution, group, glob of `{}` or file to write. */
const WORD = String.raw`(?:'[^'\n]*'|"[^"$\`\\!\n]*"|[\w./:=@%+,*?^~[\]-])+`
const TOKEN = new RegExp(
  String.raw`[ \t]+|(?:2>&1|2>[ \t]*/dev/null|>[ \t]*/dev/null)(?=[ \t;|&\n]|$)|\|\||&&|[|;\n]|${WORD}`,
  'gy',
)
const JOINS = /^(?:\|\|?|&&|[;\n])$/
const NOT_A_WORD = /^(?:[ \t]+|\d?>.*)$/

const ANY = () => true
const without = (flags: RegExp) => (words: readonly string[]) => !words.some((word) => flags.test(word))

/** Programs that write nothing with arguments that are not excepted. */
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
  // Only to show some lines.
  sed: ([flag, script = '', ...files]) =>
    flag === '-n' && /^\d+(?:,(?:\d+|\$))?p$/.test(script) && without(/^-/)(files),
  git: ([command = '', ...rest]) =>
    /^(?:status|diff|log|show|blame|ls-files|ls-tree|rev-parse|cat-file|shortlog|describe)$/.test(command) &&
    without(/^--(?:output|ext-diff|textconv)/)(rest),
}

/**
 * Whether a command only looks: the workspace need not be looked at after it, which costs more than the command does. It is
 * decided by names of programs, which a repository may have replaced by its own: so nothing but a checkpoint depends on it,
 * and before a change is published all files are looked at.
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
