import { z } from 'zod'
import { shellQuote } from '../../text/shell-quote.ts'
import { LOOKING } from '../look-around.ts'
import { gitPathspecs } from './git-pathspecs.ts'
import { defineTool, toolError } from './tool.ts'
import { workspaceGlob, workspacePath } from './workspace-files.ts'

const MAX_PATHS = 300

interface GlobArgs {
  readonly pattern: string
  readonly path?: string | undefined
}

export const glob = defineTool<GlobArgs>({
  name: 'glob',
  description:
    'Lists files by name, last changed first, at most 300. Skips ignored files. *.ts matches at any depth.',
  args: z.strictObject({
    pattern: z.string().min(1).describe('Such as *.test.ts or src/**/*.{js,ts}'),
    path: z.string().optional().describe('Directory that the pattern starts from'),
  }),
  aliases: { glob: 'pattern', directory: 'path' },
  readOnly: true,
  title: ({ pattern, path }) => (path ? `${pattern} in ${path}` : pattern),
  async run({ pattern, path }, { sandbox, workspace, signal }) {
    const place = workspacePath(workspace, path)
    if ('problem' in place) return toolError(place.problem)
    const wanted = workspaceGlob(workspace, pattern)
    if ('problem' in wanted) return toolError(wanted.problem)
    const base = wanted.glob === pattern ? place.path : '.'
    const specs = gitPathspecs(wanted.glob, base).map(shellQuote).join(' ')
    // Paths stay separated by NUL to the end, so that a name with a line break cannot pass for two paths.
    const script = [
      'set -o pipefail',
      `git ls-files -z --cached --others --exclude-standard --deduplicate -- ${specs} | head -z -n 20000 |`,
      "xargs -0 -r stat --printf '%Y\\t%n\\0' -- 2>/dev/null | sort -z -t '\t' -k1,1rn -k2 |",
      `cut -z -f2- | head -z -n ${MAX_PATHS + 1} | tr '\\n\\0' '?\\n'; true`,
    ].join('\n')
    const result = await sandbox.exec(script, { cwd: workspace, env: LOOKING, timeoutMs: 60_000, signal })
    if (result.outcome === 'timeout') return toolError('The listing took over 60 s. Narrow the pattern.')
    if (result.stdout === '' && result.stderr !== '')
      return toolError(`The listing failed: ${result.stderr.trim()}`)
    const paths = result.stdout.split('\n').filter((line) => line !== '')
    const shown = paths.slice(0, MAX_PATHS)
    const more = paths.length > MAX_PATHS ? ['[there are more: narrow the pattern]'] : []
    return {
      status: 'ok',
      text: shown.length === 0 ? 'No file matches.' : [...shown, ...more].join('\n'),
      detail: { kind: 'search', pattern, matches: shown.length },
    }
  },
})
