import { z } from 'zod'
import { imagePart } from '../image-part.ts'
import { numberLines } from './bounded-output.ts'
import { openTextFile, type TextFile } from './text-file.ts'
import { linesFrom, lineTotal } from './text-lines.ts'
import { defineTool, type ToolContext, type ToolResult, toolError } from './tool.ts'
import { hashBytes, type LocatedPath, locatePath, MAX_FILE_BYTES } from './workspace-files.ts'

const MAX_LINES = 800
const MAX_CHARACTERS = 32 * 1024

interface ReadArgs {
  readonly file_path: string
  readonly start_line?: number | undefined
  readonly end_line?: number | undefined
}

export const read = defineTool<ReadArgs>({
  name: 'read',
  description:
    'Reads a file of the workspace with line numbers, up to 800 lines or 32 KB at a time. Shows png, jpg, gif and ' +
    'webp as images. Read several files in one turn when you need several.',
  args: z.strictObject({
    file_path: z.string().min(1).describe('From the workspace root'),
    start_line: z.int().min(1).optional().describe('First line; 1 when left out'),
    end_line: z.int().min(1).optional().describe('Last line, inclusive'),
  }),
  aliases: { path: 'file_path', file: 'file_path', filename: 'file_path' },
  readOnly: true,
  title: ({ file_path, start_line }) => (start_line ? `${file_path}:${start_line}` : file_path),
  asked: ({ file_path }) => ({ path: file_path }),
  async run(args, context) {
    const located = await locatePath(context, args.file_path)
    if ('problem' in located) return toolError(located.problem)
    const problem = explainUnreadable(located, args.file_path)
    if (problem) return toolError(problem)
    const { bytes } = located
    if (!bytes) return toolError(`${located.relative} may not be read. Look at its mode with ls -l in bash.`)
    const image = imagePart(bytes)
    if (image && 'problem' in image) {
      return toolError(
        `${located.relative} ${image.problem}. Look into it with a program in bash, or do without.`,
      )
    }
    if (image) {
      return {
        status: 'ok',
        text: `${located.relative}: ${image.mediaType}, ${bytes.length} bytes`,
        images: [image],
        detail: { kind: 'read', path: located.relative, lines: 0 },
      }
    }
    const file = await openTextFile({ relative: located.relative, bytes }, context)
    if (!file) {
      return toolError(
        `${located.relative} is a binary file (${bytes.length} bytes) and cannot be shown. Look at it with file and od in bash.`,
      )
    }
    return showText({ args, bytes, file, located, context })
  },
})

function explainUnreadable({ kind, size, relative }: LocatedPath, asked: string): string | undefined {
  if (kind === 'directory') return `${relative} is a directory. List it with glob, or with ls in bash.`
  if (kind === 'missing') return `There is no file ${asked}. Find it with glob or grep.`
  if (kind === 'other') return `${relative} is not a regular file. Look at it with ls -l in bash.`
  if (size > MAX_FILE_BYTES) {
    return `${relative} has ${size} bytes: too large to read. Look at parts of it with grep, or with sed -n in bash.`
  }
  return undefined
}

function showText(given: {
  args: ReadArgs
  bytes: Uint8Array
  file: TextFile
  located: LocatedPath
  context: ToolContext
}): ToolResult {
  const { args, bytes, file, located, context } = given
  const { text } = file
  const total = lineTotal(text)
  const from = args.start_line ?? 1
  const to = Math.min(args.end_line ?? total, total)
  if (total > 0 && from > total) {
    return toolError(`${located.relative} has only ${total} lines. Give a start_line up to that.`)
  }
  if (to < from && total > 0)
    return toolError('end_line is before start_line. Swap them, or leave end_line out.')
  context.seenFiles.set(located.relative, hashBytes(bytes))
  const shown = numberLines(linesFrom(text, { first: from, most: Math.min(to - from + 1, MAX_LINES) }), {
    first: from,
    max: MAX_CHARACTERS,
  })
  const last = from + shown.count - 1
  const notes: string[] = []
  if (total === 0) notes.push('(the file is empty)')
  if (last < to) notes.push(`[lines ${from}-${last} of ${total}; read on with start_line ${last + 1}]`)
  else if (from > 1 || to < total) notes.push(`[lines ${from}-${last} of ${total}]`)
  if (file.note !== '') notes.push(file.note)
  return {
    status: 'ok',
    fullBytes: last < to ? bytes.length : undefined,
    text: [...(shown.text === '' ? [] : [shown.text]), ...notes].join('\n'),
    files: [located.relative],
    detail: { kind: 'read', path: located.relative, lines: shown.count },
  }
}
