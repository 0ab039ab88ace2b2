import { isUtf8 } from 'node:buffer'
import { structuredPatch } from 'diff'
import { applyEdits, type TextEdit } from '../../../src/agent/tools/apply-edits.ts'
import { shellQuote } from '../../../src/text/shell-quote.ts'
import type { ScriptedAnswer } from '../../stand-ins/models/script.ts'
import type { GoldChange, OpenFix } from './open-fix.ts'

type Turn = ScriptedAnswer & { readonly calls: readonly [{ readonly name: string; readonly args: unknown }] }

const MOST_EDITS = 20
/** Lines around a change, until its place is the only one like it. */
const CONTEXTS = [2, 6, 20, 80]

/** What an agent does that has the same idea as people had: it reads, edits as models edit, and is done. One call a turn. */
export async function turnsOf({ changes, subject }: OpenFix): Promise<readonly ScriptedAnswer[]> {
  const turns = [call('bash', { command: 'git status --short && git log --oneline -3' })]
  for (const change of changes) turns.push(...(await turnsFor(change)))
  const title = subject.slice(0, 72)
  turns.push(call('finish', { outcome: 'done', title, summary: `${subject}.`, tests_run: [] }))
  return turns
}

async function turnsFor(change: GoldChange): Promise<readonly Turn[]> {
  const { path, previousPath, oldMode, newMode, before, after } = change
  const quoted = shellQuote(path)
  if (after === null) return [call('bash', { command: `git rm -q -- ${quoted}` })]
  const moved =
    previousPath === undefined
      ? []
      : [
          call('bash', {
            command: `mkdir -p "$(dirname ${quoted})" && git mv ${shellQuote(previousPath)} ${quoted}`,
          }),
        ]
  const mode =
    newMode === oldMode || (before === null && newMode === '100644')
      ? []
      : [call('bash', { command: `chmod ${newMode.slice(-3)} ${quoted}` })]
  return [...moved, ...(await contentTurns(change)), ...mode]
}

async function contentTurns({ path, newMode, before, after }: GoldChange): Promise<readonly Turn[]> {
  if (after === null || before?.equals(after)) return []
  if (newMode === '120000')
    return [call('bash', { command: `ln -sfn ${shellQuote(after.toString())} ${shellQuote(path)}` })]
  if (isText(after) && before === null) return [call('write', { file_path: path, content: after.toString() })]
  const edits =
    before !== null && isText(before) && isText(after)
      ? await editsBetween(before.toString(), after.toString())
      : undefined
  if (edits === undefined) {
    const command = `base64 -d > ${shellQuote(path)} <<'END'\n${after.toString('base64')}\nEND`
    return [call('bash', { command })]
  }
  const parts = Array.from({ length: Math.ceil(edits.length / MOST_EDITS) }, (_, part) =>
    edits.slice(part * MOST_EDITS, (part + 1) * MOST_EDITS),
  )
  return [
    call('read', { file_path: path, end_line: 100 }),
    ...parts.map((part) => call('edit', { file_path: path, edits: part })),
  ]
}

/** Undefined if edits of text do not make one from the other. */
async function editsBetween(before: string, after: string): Promise<readonly TextEdit[] | undefined> {
  for (const context of CONTEXTS) {
    const edits = structuredPatch('', '', before, after, '', '', { context }).hunks.map(({ lines }) => ({
      old_string: side(lines, '+'),
      new_string: side(lines, '-'),
    }))
    const edited = edits.length === 0 ? undefined : await applyEdits(before, edits)
    if (edited?.ok && edited.text === after && edited.notes.length === 0) return edits
  }
  return undefined
}

function side(lines: readonly string[], without: '+' | '-'): string {
  return lines
    .filter((line) => !line.startsWith(without) && !line.startsWith('\\'))
    .map((line) => line.slice(1))
    .join('\n')
}

function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0)
}

function call(name: string, args: unknown): Turn {
  return { calls: [{ name, args }] }
}
