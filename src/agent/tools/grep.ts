import { z } from 'zod'
import { shellQuote } from '../../text/shell-quote.ts'
import { LOOKING } from '../look-around.ts'
import { boundText } from './bounded-output.ts'
import { gitPathspecs } from './git-pathspecs.ts'
import { defineTool, type ToolContext, type ToolResult, toolError } from './tool.ts'
import { locatePath, workspaceGlob } from './workspace-files.ts'

const DEFAULT_LIMIT = 100
const MAX_CHARACTERS = 16 * 1024
const MAX_LINE_CHARACTERS = 300
/** How many bytes of a line are read, so that a very long line costs no memory. */
const MAX_LINE_BYTES = MAX_LINE_CHARACTERS * 4

interface GrepArgs {
  readonly pattern: string
  readonly path?: string | undefined
  readonly glob?: string | undefined
  readonly mode?: 'content' | 'files' | 'count' | undefined
  readonly ignore_case?: boolean | undefined
  readonly context?: number | undefined
  readonly limit?: number | undefined
}

export const grep = defineTool<GrepArgs>({
  name: 'grep',
  description:
    'Searches file contents with a regular expression. Skips ignored and binary files. Prefer narrow patterns, ' +
    'and mode "files" when you only need to know where.',
  args: z.strictObject({
    pattern: z.string().min(1).describe('Perl-like: escape ( ) [ ] { } . * + ? to take them literally'),
    path: z.string().optional().describe('File or directory to search in'),
    glob: z.string().optional().describe('Only files such as *.ts or src/**/*.{js,ts}'),
    mode: z.enum(['content', 'files', 'count']).optional().describe('Default content: matching lines'),
    ignore_case: z.boolean().optional(),
    context: z.int().min(0).max(5).optional().describe('Lines around each match, 0 to 5'),
    limit: z.int().min(1).max(200).optional().describe('Lines of results, at most 200; default 100'),
  }),
  aliases: { query: 'pattern', output_mode: 'mode' },
  readOnly: true,
  title: ({ pattern, path, glob }) => [pattern, path ?? glob].filter(Boolean).join(' in '),
  async run(given, context) {
    const { sandbox, workspace, signal } = context
    const path = await placeToSearch(given.path, context)
    if (typeof path !== 'string') return toolError(path.problem)
    const wanted = workspaceGlob(workspace, given.glob ?? '')
    if ('problem' in wanted) return toolError(wanted.problem)
    const args = { ...given, glob: wanted.glob }
    const script = searchScript(args, path)
    const result = await sandbox.exec(script, { cwd: workspace, env: LOOKING, timeoutMs: 60_000, signal })
    if (result.outcome === 'timeout')
      return toolError('The search took over 60 s. Narrow it with path or glob.')
    // The exit code of ripgrep is lost in the pipe, but it prints an error when it fails and nothing when nothing matches.
    if (result.stdout === '' && (result.exitCode > 1 || (result.exitCode === 0 && result.stderr !== ''))) {
      const why = boundText(result.stderr.trim(), 500)
      return toolError(`The search failed: ${why}\nCheck the pattern (a regular expression) and the path.`)
    }
    return present(args, result.stdout)
  },
})

/** The path to search in. Search programs follow a link that they are given, so they get its target, which was checked. */
async function placeToSearch(
  path: string | undefined,
  context: ToolContext,
): Promise<string | { readonly problem: string }> {
  if (path === undefined || path === '.') return '.'
  const located = await locatePath(context, path)
  if ('problem' in located) return located
  return located.kind === 'missing'
    ? { problem: `There is no ${path} to search in. Find it with glob, or leave path out.` }
    : located.relative
}

function present(args: GrepArgs, stdout: string): ToolResult {
  const lines = stdout.split('\n').filter((line) => line !== '')
  const shown: string[] = []
  let size = 0
  for (const line of lines.slice(0, args.limit ?? DEFAULT_LIMIT)) {
    const clean = line.replace(/^\.\//, '')
    const cut = clean.length > MAX_LINE_CHARACTERS ? `${clean.slice(0, MAX_LINE_CHARACTERS)} […]` : clean
    size += cut.length + 1
    if (size > MAX_CHARACTERS) break
    shown.push(cut)
  }
  const more = shown.length < lines.length ? ['[there is more: narrow the search]'] : []
  const matches = args.context ? shown.filter((line) => /^.*?:\d+:/.test(line)).length : shown.length
  return {
    status: 'ok',
    fullBytes: more.length > 0 ? Buffer.byteLength(stdout) : undefined,
    text: shown.length === 0 ? 'No match.' : [...shown, ...more].join('\n'),
    files: filesOf(shown, args.mode),
    detail: { kind: 'search', pattern: args.pattern, matches },
  }
}

/** The files in results such as `src/a.ts:12:text`, `src/a.ts:3` and `src/a.ts`. Context lines belong to the same files. */
function filesOf(lines: readonly string[], mode: GrepArgs['mode']): string[] {
  if (mode === 'files') return [...lines]
  return [...new Set(lines.flatMap((line) => /^(.+?):\d+(?::|$)/.exec(line)?.[1] ?? []))]
}

/** Searches with ripgrep if the sandbox has it, else with git. One line beyond the limit shows that there are more results. */
function searchScript(args: GrepArgs, path: string): string {
  const head = `head -n ${(args.limit ?? DEFAULT_LIMIT) + 1}`
  return [
    'if command -v rg >/dev/null 2>&1; then',
    // With lastpipe the shell itself becomes `head`, so the most used tool starts only two programs.
    'shopt -s lastpipe 2>/dev/null',
    `${ripgrep(args, path)} | exec ${head}; code=\${PIPESTATUS[0]}`,
    'else',
    // Not every git is built with Perl's regular expressions; a search in no file shows whether this one is.
    "git grep -qP . -- ':(literal).git/none' 2>/dev/null; [ $? -le 1 ] && kind=-P || kind=-E",
    `${gitGrep(args, path)} | cut -b1-${MAX_LINE_BYTES} | ${head}; code=\${PIPESTATUS[0]}`,
    'fi',
    // `head` exits once it has enough lines, which ends the search program by SIGPIPE (141).
    '[ "$code" -eq 141 ] && exit 0',
    'exit "$code"',
  ].join('\n')
}

function ripgrep({ mode = 'content', ...args }: GrepArgs, path: string): string {
  return joinWords([
    `rg --no-config --max-columns=${MAX_LINE_BYTES} --max-columns-preview`,
    '--no-heading --with-filename --color=never --hidden --sort=path --auto-hybrid-regex',
    "--glob '!.git'",
    { content: '--line-number', files: '--files-with-matches', count: '--count' }[mode],
    args.ignore_case && '--ignore-case',
    args.context && mode === 'content' && `--context ${args.context}`,
    args.glob && `--glob ${shellQuote(args.glob)}`,
    `-e ${shellQuote(args.pattern)} --`,
    path === '.' ? './' : shellQuote(path),
  ])
}

function gitGrep({ mode = 'content', ...args }: GrepArgs, path: string): string {
  const specs = args.glob ? gitPathspecs(args.glob, path) : path === '.' ? [] : [`:(literal)${path}`]
  return joinWords([
    'git -c core.quotePath=false grep "$kind" -I --untracked --no-color',
    { content: '--line-number', files: '--files-with-matches', count: '--count' }[mode],
    args.ignore_case && '--ignore-case',
    args.context && mode === 'content' && `--context=${args.context}`,
    `-e ${shellQuote(args.pattern)} --`,
    ...specs.map(shellQuote),
  ])
}

function joinWords(parts: readonly (string | number | boolean | undefined)[]): string {
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' ')
}
