/** Matches options that run fewer tests, find fewer faults or ignore some. */
const NARROWS =
  /^(?:-[kmtguc]|-short|-list|-vet(?==off)|--?run|--lib|--(?:grep|filter|testNamePattern|testPathPatterns?|testPathIgnorePatterns|ignore\S*|deselect|exclude\S*|skip\S*|only\S*|lf|last-failed|maxfail|bail|passWithNoTests|exit-zero|update\S*|tags?|retries|reruns|allow\S*|no-check\S*|project|changed|onlyChanged|shard|related|suppress\S*|force\S*|no-verify|list\S*|collect-only|co|dry-run|ci(?==false)|continue-on-\S*|disable\S*|no-\S*))(?:=|$)/i
/** Matches options that only affect how a result is reached or shown. */
const HARMLESS =
  /^(?:-(?!race)[vqsijnpr]\S*|-x|-cpu|-count|--(?:verbose|quiet|silent|durations|colou?rs?|tb|cov(?!.*fail)\S*|coverage|reporters?|runInBand|maxWorkers|workers|parallel|jobs|numprocesses|pretty|cache\S*|watch\S*|ci|log\S*|output\S*|junit\S*|format|allow\S*|no-check\S*|ignore\S*|skip\S*|exclude\S*|passWithNoTests|retries|reruns|progress|timeout|config))(?:=|$)/
/** Matches words that only start the program that follows. */
const LAUNCHER =
  /^(?:npx|pnpx|bunx|pnpm|npm|yarn|bun|uv|uvx|poetry|pdm|hatch|run|exec|dlx|python\d?(?:\.\d+)?|-m|env|cross-env|\w+=\S*|\$\(\w+\)|@)$/
const PATH = /[/*]|\.\w{1,5}$|^\.$/

/** The most commands with the same program and subcommands that one is compared with. */
const MOST_ALIKE = 200

/**
 * Returns a function that tells whether one of these commands runs everything that another one ran and is no less strict. It
 * may show results differently, name more paths, or cover all paths.
 */
export function createRunsAsMuch(commands: Iterable<string>): (before: string) => boolean {
  const byNames = new Map<string, Words[]>()
  for (const command of commands) {
    const words = wordsOf(command)
    const names = words.names.join(' ')
    const alike = byNames.get(names)
    if (alike === undefined) byNames.set(names, [words])
    else if (alike.length < MOST_ALIKE) alike.push(words)
  }
  return (before) => {
    const old = wordsOf(before)
    const alike = old.names.length === 0 ? [] : (byNames.get(old.names.join(' ')) ?? [])
    return alike.some((fresh) => coversAll(old, fresh))
  }
}

function coversAll(old: Words, fresh: Words): boolean {
  const flags = new Set(fresh.flags)
  if (old.flags.some((flag) => !flags.has(flag) && !HARMLESS.test(flag))) return false
  const known = new Set(old.flags)
  if (fresh.flags.some((flag) => !known.has(flag) && NARROWS.test(flag))) return false
  // Without a path, a command covers everything.
  if (old.paths.length === 0) return fresh.paths.length === 0
  return fresh.paths.length === 0 || old.paths.every((path) => fresh.paths.includes(path))
}

interface Words {
  /** The program and its subcommands. */
  readonly names: readonly string[]
  readonly paths: readonly string[]
  readonly flags: readonly string[]
}

function wordsOf(command: string): Words {
  const words = command
    .slice(0, 2000)
    .replace(/\{posargs:?|[{}"'`]|^\s*(?:-\s|@)/g, ' ')
    .split(/[\s,[\]()]+/)
    .filter((word) => word !== '')
  const start = words.findIndex((word) => !LAUNCHER.test(word))
  const rest = start === -1 ? [] : words.slice(start)
  const flags = rest.filter((word) => word.startsWith('-'))
  const others = rest.filter(
    (word, at) => !word.startsWith('-') && !/^\d+$/.test(word) && !(at > 0 && isValueOf(rest[at - 1] ?? '')),
  )
  return {
    names: others.filter((word, at) => at === 0 || !PATH.test(word)),
    paths: others.filter((word, at) => at > 0 && PATH.test(word)),
    flags,
  }
}

/** True for options whose value is the next word. */
function isValueOf(word: string): boolean {
  return /^(?:-n|-j|-p|-cpu|-count|--(?:durations|reporter|tb|color|maxWorkers|workers|timeout))$/.test(word)
}
