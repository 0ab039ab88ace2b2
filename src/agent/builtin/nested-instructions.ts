import { posix } from 'node:path'
import { segmentOf, type Transcript } from '../../models/transcript.ts'
import type { InstructionFile } from '../agent.ts'
import type { AddedInstructions } from '../tools/tool.ts'
import { quoteData } from './quote-data.ts'

/** Shows the model the instructions of a directory once, together with the first file from it. */
export interface NestedInstructions {
  /**
   * Returns the instructions that apply to these files and that the model has not seen yet, outermost first. Those of the
   * root are in the first message.
   *
   * @param files paths from the root of the workspace.
   */
  readonly take: (files: readonly string[]) => Promise<AddedInstructions>
  /** Makes all instructions new again, after a compaction has removed them from the model's view. */
  readonly forget: () => void
}

/** Characters of instructions that may be added to one result. */
const MAX_CHARACTERS = 8 * 1024
/** How many directories are looked up for one result. */
const MAX_DIRECTORIES = 40

/**
 * @param options.read reads the instructions of one directory from the base commit.
 * @param options.transcript the transcript that the run continues; instructions in it are not shown again.
 * @param options.nonce marks where the instructions begin and end.
 */
export function createNestedInstructions({
  read,
  transcript,
  nonce,
}: {
  readonly read: (directory: string) => Promise<readonly InstructionFile[]>
  readonly transcript: Transcript
  readonly nonce: string
}): NestedInstructions {
  const known = new Map<string, Promise<readonly InstructionFile[]>>()
  const shown = new Set(shownIn(transcript))

  async function take(files: readonly string[]): Promise<AddedInstructions> {
    const found: InstructionFile[] = []
    let left = MAX_CHARACTERS
    for (const directory of directoriesAbove(files)) {
      const reading = known.get(directory) ?? read(directory)
      known.set(directory, reading)
      for (const { path, text } of await reading) {
        if (left <= 0 || shown.has(path)) continue
        shown.add(path)
        found.push({ path, text: cut(text, { path, max: left }) })
        left -= text.length
      }
    }
    return { text: found.map((file) => present(file, nonce)).join(''), paths: found.map(({ path }) => path) }
  }

  return { take, forget: () => shown.clear() }
}

function shownIn(transcript: Transcript): string[] {
  return segmentOf(transcript).flatMap((entry) =>
    entry.role === 'tool' ? entry.parts.flatMap(({ instructions = [] }) => instructions) : [],
  )
}

/** Every directory above one of the files, except the root, outermost first. */
function directoriesAbove(files: readonly string[]): string[] {
  const directories = new Set<string>()
  for (const file of files) {
    for (let at = posix.dirname(file); at !== '.' && at !== '/'; at = posix.dirname(at)) directories.add(at)
  }
  return [...directories].sort((a, b) => depth(a) - depth(b)).slice(0, MAX_DIRECTORIES)
}

function depth(path: string): number {
  return path.split('/').length
}

function cut(text: string, { path, max }: { readonly path: string; readonly max: number }): string {
  return text.length <= max ? text : `${text.slice(0, max)}\n[cut: read ${path} for the rest]`
}

function present({ path, text }: InstructionFile, nonce: string): string {
  const quoted = quoteData({ source: path, text, nonce })
  return `\n\nInstructions of the repository for ${posix.dirname(path)}/:\n${quoted}`
}
