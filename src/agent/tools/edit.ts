import { z } from 'zod'
import { applyEdits, type TextEdit } from './apply-edits.ts'
import { boundText, numberLines } from './bounded-output.ts'
import type { TextRange } from './find-text.ts'
import { openTextFile } from './text-file.ts'
import { lineNumber, linesFrom } from './text-lines.ts'
import { defineTool, toolError } from './tool.ts'
import {
  hashBytes,
  type LocatedPath,
  locatePath,
  MAX_FILE_BYTES,
  refusePath,
  saveFile,
} from './workspace-files.ts'

const CONTEXT_LINES = 4
const MAX_EXCERPT_LINES = 400
const MAX_RESULT_CHARACTERS = 8 * 1024

interface EditArgs {
  readonly file_path: string
  readonly edits: readonly TextEdit[]
}

const textEdit = z.strictObject({
  old_string: z.string().describe('Exact text, without line numbers'),
  new_string: z.string(),
  replace_all: z.boolean().optional(),
})

export const edit = defineTool<EditArgs>({
  name: 'edit',
  description:
    'Replaces text in a file: 1 to 20 edits, in order, all or none. Each old_string must occur exactly once, ' +
    'unless replace_all is set; take enough lines to make it unique.',
  args: z.strictObject({
    file_path: z.string().min(1).describe('From the workspace root'),
    edits: z.array(textEdit).min(1).max(20),
  }),
  aliases: { path: 'file_path', file: 'file_path', filename: 'file_path' },
  single: { into: 'edits', from: ['old_string', 'new_string', 'replace_all'] },
  title: ({ file_path }) => file_path,
  asked: ({ file_path, edits }) => ({ path: file_path, edits: forPeople(edits) }),
  async run({ file_path, edits }, context) {
    const located = await locatePath(context, file_path)
    if ('problem' in located) return toolError(located.problem)
    const refused = refusePath(located.relative)
    if (refused) return toolError(refused)
    if (located.kind !== 'file') return toolError(explainNoFile(located, file_path))
    if (located.size > MAX_FILE_BYTES) {
      return toolError(`${located.relative} has ${located.size} bytes: too large to edit. Use sed in bash.`)
    }
    const { bytes } = located
    if (!bytes) return toolError(`${located.relative} may not be read. Look at its mode with ls -l in bash.`)
    const seen = context.seenFiles.get(located.relative)
    if (seen !== undefined && seen !== hashBytes(bytes)) {
      return toolError(`${located.relative} has changed since you last saw it. Read it again, then edit it.`)
    }
    const added = edits.map(({ new_string }) => new_string).join('')
    const file = await openTextFile({ relative: located.relative, bytes, added }, context)
    if (!file) {
      return toolError(
        `${located.relative} is a binary file and cannot be edited as text. Change it with a program in bash.`,
      )
    }
    const edited = await applyEdits(file.text, edits)
    if (!edited.ok) return toolError(`${located.relative} was not changed: ${edited.problem}`)
    const encoded = file.encode(edited.text)
    if ('problem' in encoded) return toolError(`${located.relative} was not changed: ${encoded.problem}`)
    await saveFile(located, encoded.bytes, context)
    return {
      status: 'ok',
      text: [`Edited ${located.relative}.`, ...edited.notes, excerpts(edited.text, edited.changed)].join(
        '\n',
      ),
      files: [located.relative],
      detail: {
        kind: 'edit',
        path: located.relative,
        edits: forPeople(edits),
      },
    }
  },
})

function forPeople(edits: EditArgs['edits']) {
  return edits.map(({ old_string, new_string }) => ({ oldText: old_string, newText: new_string }))
}

function explainNoFile({ kind, relative }: LocatedPath, asked: string): string {
  if (kind === 'missing') return `There is no file ${asked}. Find it with glob, or create it with write.`
  return `${relative} is ${kind === 'directory' ? 'a directory' : 'not a regular file'}. Name a file.`
}

/** The changed lines after the edit, with some lines of context. */
function excerpts(text: string, changed: readonly TextRange[]): string {
  const shown = changed.map(({ start, end }) => {
    const first = Math.max(1, lineNumber(text, start) - CONTEXT_LINES)
    const last = lineNumber(text, end) + CONTEXT_LINES
    return numberLines(linesFrom(text, { first, most: Math.min(last - first + 1, MAX_EXCERPT_LINES) }), {
      first,
    }).text
  })
  return boundText(shown.join('\n   ...\n'), MAX_RESULT_CHARACTERS)
}
