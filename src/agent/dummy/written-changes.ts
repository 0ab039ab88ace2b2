import { isUtf8 } from 'node:buffer'
import { posix } from 'node:path'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { inlineCode } from '../../text/markdown/fenced.ts'
import { shellQuote } from '../../text/shell-quote.ts'
import type { WrittenChange } from './find-written-changes.ts'
import type { ToolUser } from './tool-user.ts'

/** The result of one written change; `line` is Markdown for people. */
export interface AppliedChange {
  readonly status: 'applied' | 'already there' | 'failed'
  readonly line: string
}

/**
 * Ways to apply a diff, since people write diffs like git, with wrong line counts, without context after a change, without
 * `a/` and `b/`, or with other white space. Removed lines must exist in any case.
 */
const WAYS = [
  { flags: '-p1', crlf: false },
  { flags: '-p1 --recount --unidiff-zero', crlf: false },
  { flags: '-p0 --recount --unidiff-zero', crlf: false },
  // Comments have no CRLF, but the file may.
  { flags: '-p1 --recount --unidiff-zero', crlf: true },
  { flags: '-p0 --recount --unidiff-zero', crlf: true },
  { flags: '-p1 --recount --unidiff-zero --ignore-whitespace', crlf: false },
] as const

/**
 * Applies changes one after the other. A change that cannot be applied is skipped, and its result says why.
 *
 * @throws {SandboxError} when the sandbox is lost; `signal.reason` when cancelled.
 */
export async function applyWrittenChanges(
  changes: readonly WrittenChange[],
  parts: Parts,
): Promise<readonly AppliedChange[]> {
  const applied: AppliedChange[] = []
  for (const [index, change] of changes.entries()) {
    switch (change.kind) {
      case 'diff':
        applied.push(await applyDiff({ text: change.text, number: index + 1 }, parts))
        break
      case 'file':
        applied.push(await writeFile(change, parts.tools))
        break
      case 'suggestion':
        applied.push(await applySuggestion(change, parts))
        break
      case 'unusable':
        applied.push({ status: 'failed', line: change.why })
        break
    }
  }
  return applied
}

interface Parts {
  readonly sandbox: Sandbox
  readonly workspace: string
  readonly tools: ToolUser
}

async function applyDiff(
  { text, number }: { readonly text: string; readonly number: number },
  { sandbox, tools }: Parts,
): Promise<AppliedChange> {
  // Outside of the workspace, so that the file does not become part of the change.
  const file = (crlf: boolean) =>
    posix.join(sandbox.home, '.backspace', `change-${number}${crlf ? '-crlf' : ''}.diff`)
  for (const crlf of [false, true]) {
    const lines = crlf ? text.replaceAll(/^([ +-](?!(?:--|\+\+) ).*)$/gm, '$1\r') : text
    await sandbox.writeFile(file(crlf), new TextEncoder().encode(lines))
  }
  const git = async (flags: string, crlf = false) => {
    const answer = await tools.use('bash', { command: `git apply ${flags} ${shellQuote(file(crlf))}` })
    const { detail } = answer
    return detail.kind === 'bash' ? detail : { exitCode: 1, output: answer.part.text }
  }
  const names = diffPaths(text)
    .map((text) => inlineCode(text))
    .join(', ')
  let why = ''
  for (const { flags, crlf } of WAYS) {
    const check = await git(`--check ${flags}`, crlf)
    why ||= check.output
    if (check.exitCode !== 0) continue
    const result = await git(`--whitespace=nowarn ${flags}`, crlf)
    if (result.exitCode === 0) return { status: 'applied', line: `the diff of ${names}` }
    return {
      status: 'failed',
      line: `the diff of ${names} did not apply: ${inlineCode(firstLines(result.output))}`,
    }
  }
  if ((await git('--check --reverse -p1 --recount')).exitCode === 0) {
    return { status: 'already there', line: `the diff of ${names}` }
  }
  return { status: 'failed', line: `the diff of ${names} does not apply: ${inlineCode(firstLines(why))}` }
}

async function writeFile(
  { path, content }: { readonly path: string; readonly content: string },
  tools: ToolUser,
): Promise<AppliedChange> {
  // The tool only replaces a file that was read. Reading also shows whether the file exists.
  const before = await tools.use('read', { file_path: path })
  const written = await tools.use('write', { file_path: path, content })
  if (written.part.status === 'error') {
    return { status: 'failed', line: `${inlineCode(path)}: ${forPeople(written.part.text)}` }
  }
  const verb = before.part.status === 'ok' ? 'replaced' : 'created'
  return { status: 'applied', line: `${inlineCode(path)} ${verb} with the text of its block` }
}

async function applySuggestion(
  change: WrittenChange & { readonly kind: 'suggestion' },
  { sandbox, workspace, tools }: Parts,
): Promise<AppliedChange> {
  const { path, from, to, content } = change
  const where = `${inlineCode(path)}, ${from === to ? `line ${from}` : `lines ${from} to ${to}`}`
  const failed = (why: string) => ({ status: 'failed' as const, line: `${where}: ${why}` })
  const seen = await tools.use('read', { file_path: path, start_line: from, end_line: to })
  if (seen.part.status === 'error') return failed(forPeople(seen.part.text))
  const bytes = await sandbox.readFile(posix.resolve(workspace, path))
  // Writing text in another encoding back as UTF-8 would change the whole file.
  if (!isUtf8(bytes)) return failed('the file is not in UTF-8')
  const lines = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\n')
  if (to > lines.length) return failed(`the file has ${lines.length} lines`)
  const ending = lines.length > 1 && lines.slice(0, -1).every((line) => line.endsWith('\r')) ? '\r' : ''
  const added = content === '' ? [] : content.split('\n').map((line) => `${line}${ending}`)
  const replaced = [...lines.slice(0, from - 1), ...added, ...lines.slice(to)]
  const written = await tools.use('write', { file_path: path, content: replaced.join('\n') })
  if (written.part.status === 'error') return failed(forPeople(written.part.text))
  return { status: 'applied', line: `the suggestion for ${where}` }
}

/** The first sentence of a tool's answer; the rest tells a model what to do next. */
function forPeople(text: string): string {
  return /^[\s\S]*?\.(?=\s|$)/.exec(text)?.[0] ?? text
}

function diffPaths(text: string): string[] {
  const paths = [...text.matchAll(/^(?:---|\+\+\+) (?:[ab]\/)?([^\t\n]+)/gm)].flatMap(
    ([, path]) => path ?? [],
  )
  const named = [...new Set(paths)].filter((path) => path !== '/dev/null')
  return named.length > 0 ? named : ['a file']
}

function firstLines(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(0, 3).join('; ').slice(0, 300) || 'git gave no reason'
}
