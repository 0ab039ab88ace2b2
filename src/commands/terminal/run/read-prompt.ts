import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { BackspaceError } from '../../../errors.ts'
import { promptField } from '../../../triggers/code-request.ts'
import type { PromptSource } from './code-options.ts'

const MOST_BYTES = 1024 * 1024

/**
 * Reads the prompt from where the person put it.
 *
 * @param options.from folder that a relative path starts from.
 * @throws {BackspaceError} `bad_request` if the prompt is empty, too long or unreadable.
 */
export async function readPrompt(
  source: PromptSource,
  {
    from,
    input,
  }: { readonly from: string; readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean } },
): Promise<string> {
  const { text, name } = await readText(source, { from, input })
  const prompt = promptField.safeParse(text)
  if (prompt.success) return prompt.data
  const problem = prompt.error.issues[0]?.message ?? 'is not a text'
  throw new BackspaceError('bad_request', `${name} ${problem}. Write what to do.`)
}

async function readText(
  source: PromptSource,
  { from, input }: Parameters<typeof readPrompt>[1],
): Promise<{ readonly text: string; readonly name: string }> {
  switch (source.from) {
    case 'argument':
      return { text: source.text, name: 'The prompt' }
    case 'stdin':
      return { text: await readAll(input), name: 'The prompt from standard input' }
    case 'file': {
      const name = `--prompt-file ${source.path}`
      try {
        return { text: await readFile(resolve(from, source.path), 'utf8'), name }
      } catch (cause) {
        throw new BackspaceError(
          'bad_request',
          `${name} cannot be read. Name a text file that holds the prompt.`,
          {
            cause,
          },
        )
      }
    }
  }
}

async function readAll(input: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    chunks.push(bytes)
    // More bytes than the longest prompt can have, whatever its characters.
    if (size > MOST_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8')
}
