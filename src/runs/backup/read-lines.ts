import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { BackspaceError } from '../../errors.ts'
import { damaged } from './backup-format.ts'

/**
 * The lines of a gzipped file, without their ends.
 *
 * @throws {BackspaceError} `not_found`, or `bad_request` when the file is cut off or is no such file.
 */
export async function* readLines(file: string): AsyncGenerator<string> {
  const text = pipeline(createReadStream(file), createGunzip(), () => {
    // What went wrong is thrown by the reading below.
  })
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  try {
    for await (const chunk of text) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new BackspaceError('not_found', 'There is no such file.', { cause: error })
    }
    throw damaged(error)
  }
  if (rest !== '') throw damaged()
}
