import { inlineCode } from '../text/markdown/fenced.ts'
import { limitText } from './command-limits.ts'

interface NoEnd {
  readonly command: string
  /** The command's output without colours; its middle may be missing. */
  readonly output: string
  readonly limitMs: number
}

/** Why a command that was stopped at its time limit did not end: `did not end within 5 minutes; it looks like a watcher: …`. */
export function whyNoEnd({ command, output, limitMs }: NoEnd): string {
  return `did not end within ${limitText(limitMs)}; ${suspect(command, edgesOf(output))}`
}

const MOST_LINES = 200
const MOST_CHARS = 300

/** The first and last lines of an output, where programs say what they are; long lines are cut. */
function edgesOf(output: string): Edges {
  const lines = output
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.slice(0, MOST_CHARS))
  return { first: lines.slice(0, MOST_LINES), last: lines.slice(-MOST_LINES) }
}

interface Edges {
  readonly first: readonly string[]
  readonly last: readonly string[]
}

function suspect(command: string, { first, last }: Edges): string {
  // The last lines come first, since a test may start a server and stop it.
  const lines = [...last.toReversed(), ...first]
  for (const { signs, what } of SIGNS_IN_OUTPUT) {
    const line = lines.find((text) => signs.test(text))
    if (line !== undefined) return `it looks like ${what}: ${quoted(line)}`
  }
  const open = last.slice(-1).find((text) => OPEN.test(text) && !HEADING.test(text))
  const question = open ?? last.slice(-3).findLast((text) => QUESTION.test(text))
  if (question !== undefined) return `it seems to wait for an answer: ${quoted(question)}`
  // Package managers print the command of a script before they run it: `> vitest`, `$ jest --watch`.
  const started = [command, ...first.slice(0, 20).filter((line) => /^\s*[>$] /.test(line))]
  for (const { signs, what } of SIGNS_IN_COMMAND) {
    const line = started.findLast((text) => signs.test(text))
    if (line !== undefined) return `it looks like ${what}: ${quoted(line.replace(/^\s*[>$] /, ''))}`
  }
  const end = last.at(-1)
  return end === undefined ? 'it printed nothing' : `its last line is ${quoted(end)}`
}

/** Quotes one line of untrusted output, so that nothing in it has an effect in Markdown. */
function quoted(line: string): string {
  return inlineCode(line.trim(), 100)
}

const WATCHER = 'a watcher'
const SERVER = 'a server'

const SIGNS_IN_OUTPUT = [
  {
    what: WATCHER,
    signs:
      /\bwatch(?:ing)? (?:for |usage|mode|path|director|files?\b|\d+ files?)|\bwait(?:ing|s) for (?:file |input )?changes|in watch mode|\bwatch(?:er)? (?:is )?(?:started|running|ready|enabled)|\[nodemon\]|\bpress (?:the )?\S{1,12}(?: key)? to (?:show help|quit|rerun|re-run|exit|run|stop|restart)|\bchanges? (?:detected(?! - recompiling)|to input files)/i,
  },
  {
    what: SERVER,
    signs:
      /\b(?:listening|running|serving|started|available|accepting connections|now live|ready)\b.{0,60}(?:https?:\/\/|\bport\b|\blocalhost\b|\b127\.0\.0\.1\b|\b0\.0\.0\.0\b|\[::\]|:\d{2,5}\b)|\b(?:local|network):\s{1,8}https?:\/\/|\bserving http on\b|\bpress ctrl-?\+?c to (?:quit|stop)/i,
  },
]

const SIGNS_IN_COMMAND = [
  {
    what: WATCHER,
    signs:
      /\s--?(?:watch(?:-?[aA]ll)?|continuous|autotest)(?:[\s=]|$)|\btsc\b.*\s-w\b|\bvitest(?: (?:dev|watch)\b.*)?$|\b(?:nodemon|watchexec|watchman|chokidar|entr|ptw|pytest-watch|guard|tail -[fF])\b|\bcargo watch\b|\bdotnet watch\b|\bmix test\.watch\b|\bsbt ~|\b(?:npm|pnpm|yarn|bun)(?: run)? (?:watch|dev)\b|:watch\b/,
  },
  {
    what: SERVER,
    signs:
      /\b(?:npm|pnpm|yarn|bun)(?: run)? (?:start|serve|preview)\b|\b(?:ng|vite|webpack|next|nuxt|astro|remix|rails|flask|hugo|jekyll|expo|react-scripts|uvicorn|gunicorn|mkdocs|php artisan|manage\.py) ?(?:serve|server|dev|start|run|runserver|preview|s)?\b|\bhttp\.server\b|\bphp -S\b|\b(?:live-server|http-server|json-server)\b|\bspring-boot:run\b|\bbootRun\b/,
  },
]

/** A line that ends like a prompt. Lines that match `HEADING` are headings of the output that follows. */
const OPEN = /[?:]\s*$/
const HEADING =
  /\b(?:warnings?|errors?|failures?|failed|notes?|info|debug|output|results?|summary|stdout|stderr|tests?|suites?|files?|steps?|traceback .{0,40})\s?:\s*$/i
const QUESTION =
  /\?(?: \([^()]{1,30}\))?\s*$|\[y\/n\]|\(y\/n\)|\(yes\/no\)|\bpassword\b.{0,20}:\s*$|\bpress (?:enter|return|any key)\b|\bdefine value for property\b/i
