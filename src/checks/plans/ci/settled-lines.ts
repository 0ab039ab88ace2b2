/** Lines of a script that a backslash joins; `length` is the number of joined lines. */
export interface JoinedLine {
  readonly text: string
  readonly length: number
}

type Variables = Readonly<Record<string, string>>

const MOST_LETTERS = 4000
/** The most blocks inside one another, since each line looks at all of them. */
const MOST_BLOCKS = 30
const OPENS = /^if (?<condition>.{1,600}?)(?:; ?then)?$/
const OPENS_AGAIN = /^elif (?<condition>.{1,600}?)(?:; ?then)?$/
/** A whole condition on one line, which is no block. */
const ON_ONE_LINE = /^if .*(?:;|\s)fi(?:\s|;|$)/
const OTHER_BLOCK = /^(?:for|while|until|case|select)\s/
const OTHER_END = /^(?:done|esac)\b|;\s?(?:done|esac)$/
const HERE = /(?<!<)<<(?!<)-?\s{0,3}["']?(\w{1,40})/
/** `NAME=value`, and nothing else. */
const ASSIGNED =
  /^(?:export |local |readonly )?([A-Za-z_]\w{0,60})=(?:"([^"$`\\]{0,300})"|'([^']{0,300})'|([^\s"'$`\\;&|()]{0,300})) ?;?$/
/** Any assignment in a line, also after a condition. */
const ASSIGNS = /(?:^|[\s;&|(])([A-Za-z_]\w{0,60})\+?=/g
const COMPARED =
  /^\[{1,2} (?:"([^"$`*?\\]*)"|'([^']*)'|([^\s"'$`*?\\]+)) (==?|!=) (?:"([^"$`*?\\]*)"|'([^']*)'|([^\s"'$`*?\\]+)) \]{1,2}$/
const EMPTY = /^\[{1,2} (-[nz]) (?:"([^"$`\\]*)"|'([^']*)') \]{1,2}$/

/** A condition, a loop or a choice that is open. */
interface Block {
  /** Whether a shell runs its present part; undefined if only a run can tell. */
  runs: boolean | undefined
  /** Whether an earlier part has run. */
  hasRun: boolean
  /** Whether a part of it depends on a run, so that its lines that only control stay. */
  isOpen: boolean
}

/**
 * The lines of a script as a shell would run them, where its conditions compare texts that are known: what it would not run
 * is empty, and variables that it has set to a plain text are replaced. All other conditions stay as they are.
 */
export function settledLines(script: string, variables: Variables): readonly JoinedLine[] {
  const all = joinedLines(script)
  const blocks: Block[] = []
  const known = new Map<string, string>()
  const found: JoinedLine[] = []
  let ending = ''
  for (const { text: said, length } of all) {
    const isSkipped = blocks.some(({ runs }) => runs === false)
    if (ending !== '') {
      if (said === ending) ending = ''
      found.push({ text: isSkipped ? '' : said, length })
      continue
    }
    ending = HERE.exec(said)?.[1] ?? ''
    const text = isSkipped ? said : withKnown(said, known).slice(0, MOST_LETTERS)
    const kept = followBlocks(text, { blocks, variables })
    // Blocks that do not fit one another are not understood, and so many of them are no script that people wrote.
    if (kept === undefined || blocks.length > MOST_BLOCKS) return all
    const isOut = blocks.some(({ runs }) => runs === false)
    if (!isOut && kept !== '')
      keepAssignments(kept, { known, isSure: blocks.every(({ runs }) => runs === true) })
    found.push({ text: isOut && !kept.startsWith('if ') ? '' : kept, length })
  }
  return blocks.length > 0 ? all : found
}

/** Follows a line into or out of a block. Returns what of the line counts; undefined if it closes what is not open. */
function followBlocks(
  text: string,
  { blocks, variables }: { readonly blocks: Block[]; readonly variables: Variables },
): string | undefined {
  const open = blocks.at(-1)
  const isOut = blocks.slice(0, -1).some(({ runs }) => runs === false)
  if (ON_ONE_LINE.test(text)) return text
  const [, started] = OPENS.exec(text) ?? []
  if (started !== undefined) {
    const runs = holds(withKnown(started, new Map(Object.entries(variables))))
    blocks.push({ runs, hasRun: runs === true, isOpen: runs === undefined })
    return runs === undefined ? text : ''
  }
  if (OTHER_BLOCK.test(text)) {
    if (!OTHER_END.test(text)) blocks.push({ runs: undefined, hasRun: false, isOpen: true })
    return text
  }
  if (OTHER_END.test(text)) return blocks.pop() === undefined ? undefined : text
  if (/^fi\b/.test(text)) {
    const closed = blocks.pop()
    return closed === undefined ? undefined : closed.isOpen ? text : ''
  }
  const [, again] = OPENS_AGAIN.exec(text) ?? []
  if (again === undefined && !/^else\b/.test(text)) return text
  if (open === undefined) return undefined
  if (open.isOpen) return text
  const runs =
    open.hasRun || isOut
      ? false
      : again === undefined
        ? true
        : holds(withKnown(again, new Map(Object.entries(variables))))
  open.runs = runs
  open.hasRun ||= runs === true
  open.isOpen = runs === undefined
  return open.isOpen ? text.replace(/^elif /, 'if ') : text.replace(/^else ?/, '').replace(OPENS_AGAIN, '')
}

/** Whether a comparison of texts holds; undefined if it is something else, or not known. */
function holds(condition: string): boolean | undefined {
  if (condition.includes('||')) return undefined
  const parts = condition.split(' && ').map((part) => {
    const text = part.trim()
    const compared = COMPARED.exec(text)
    if (compared !== null) {
      const [, a, b, c, operator, d, e, f] = compared
      return ((a ?? b ?? c) === (d ?? e ?? f)) === (operator !== '!=')
    }
    const [, option, double, single] = EMPTY.exec(text) ?? []
    return option === undefined ? undefined : ((double ?? single) === '') === (option === '-z')
  })
  return parts.includes(false) ? false : parts.includes(undefined) ? undefined : true
}

/** Remembers a plain text that the line sets a variable to, or forgets what it may change. */
function keepAssignments(
  text: string,
  { known, isSure }: { readonly known: Map<string, string>; readonly isSure: boolean },
): void {
  const [, name, double, single, bare] = ASSIGNED.exec(text) ?? []
  if (name !== undefined && isSure) known.set(name, double ?? single ?? bare ?? '')
  else for (const [, other = ''] of text.slice(0, 2000).matchAll(ASSIGNS)) known.delete(other)
  const looped = /^(?:for|select) (\w{1,60}) in\b|\bread (?:-\w+ )*(\w{1,60})/.exec(text)
  known.delete(looped?.[1] ?? looped?.[2] ?? '')
}

function withKnown(text: string, known: ReadonlyMap<string, string>): string {
  return known.size === 0
    ? text
    : text
        .slice(0, MOST_LETTERS)
        .replace(
          /(?<!\\)\$(?:(\w{1,60})|\{(\w{1,60})\})/g,
          (whole, bare: string | undefined, braced = '') => {
            const value = known.get(bare ?? braced)
            return value === undefined || value.includes('$') ? whole : value
          },
        )
}

function joinedLines(script: string): readonly JoinedLine[] {
  const found: JoinedLine[] = []
  let open: { text: string; length: number } | undefined
  for (const line of script.split('\n')) {
    const isOpen = line.endsWith('\\')
    const text = (isOpen ? line.slice(0, -1) : line).trim()
    const now: { text: string; length: number } = open ?? { text: '', length: 0 }
    now.text = now.text === '' ? text : `${now.text} ${text}`
    now.length++
    open = isOpen ? now : undefined
    if (!isOpen) found.push(now)
  }
  return open === undefined ? found : [...found, open]
}
