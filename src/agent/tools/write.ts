import { z } from 'zod'
import { openTextFile } from './text-file.ts'
import { defineTool, type ToolContext, toolError } from './tool.ts'
import { hashBytes, type LocatedPath, locatePath, refusePath, saveFile } from './workspace-files.ts'

const MAX_BYTES = 256 * 1024

interface WriteArgs {
  readonly file_path: string
  readonly content: string
}

export const write = defineTool<WriteArgs>({
  name: 'write',
  description:
    'Creates a file, with its directories, or replaces one that you have read. Up to 256 KB. To change part of a ' +
    'file use edit.',
  args: z.strictObject({
    file_path: z.string().min(1).describe('From the workspace root'),
    content: z.string(),
  }),
  aliases: { path: 'file_path', file: 'file_path', filename: 'file_path', contents: 'content' },
  title: ({ file_path }) => file_path,
  asked: ({ file_path }) => ({ path: file_path }),
  async run({ file_path, content }, context) {
    const length = Buffer.byteLength(content)
    if (length > MAX_BYTES) {
      return toolError(
        `The content has ${length} bytes; at most ${MAX_BYTES} can be written at once. Write a first part and add the rest with edit, or generate it with a script in bash.`,
      )
    }
    const located = await locatePath(context, file_path)
    if ('problem' in located) return toolError(located.problem)
    const refused = refusePath(located.relative)
    if (refused) return toolError(refused)
    const problem = explainUnwritable(located, context)
    if (problem) return toolError(problem)
    const { relative, bytes: before = null } = located
    const file = await openTextFile({ relative, bytes: before, added: content }, context)
    const encoded = file?.encode(withLineEndsOf(file.text, content)) ?? { bytes: Buffer.from(content) }
    if ('problem' in encoded) return toolError(`${relative} was not written: ${encoded.problem}`)
    const { bytes } = encoded
    await saveFile(located, bytes, context)
    return {
      status: 'ok',
      text: `${located.kind === 'missing' ? 'Created' : 'Replaced'} ${located.relative} (${bytes.length} bytes).`,
      detail: {
        kind: 'write',
        path: located.relative,
        bytes: bytes.length,
        content,
      },
    }
  },
})

/** Converts the new content, which models write with LF, to CRLF if every line of the replaced text ends with CRLF. */
function withLineEndsOf(text: string, content: string): string {
  const isCrlf = text.includes('\r\n') && !/(?<!\r)\n/.test(text) && !content.includes('\r')
  return isCrlf ? content.replaceAll('\n', '\r\n') : content
}

function explainUnwritable(
  { kind, relative, bytes }: LocatedPath,
  { seenFiles }: ToolContext,
): string | undefined {
  if (kind === 'directory') return `${relative} is a directory. Name a file in it.`
  if (kind === 'other') return `${relative} is not a regular file. Name another.`
  if (kind === 'missing') return undefined
  const seen = seenFiles.get(relative)
  if (seen === undefined) {
    return `${relative} exists and you have not read it. Read it first, then use edit, or write it again.`
  }
  if (!bytes || seen !== hashBytes(bytes)) {
    return `${relative} has changed since you last saw it. Read it again before you replace it.`
  }
  return undefined
}
