import { mkdir, open, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mount } from './find-toolchains.ts'

/**
 * Scripts such as `pip` and `pytest` name their interpreter by the path that it was installed at. In a box the
 * toolchain lies elsewhere, so each of them gets a small program that starts it with the interpreter that is there.
 *
 * @returns where they are; undefined when a toolchain has no such scripts, or cannot be read.
 */
export async function stageScripts(directory: string, toolchain: Mount): Promise<Mount | undefined> {
  const bin = join(toolchain.source, 'bin')
  const names = await readdir(bin).catch(() => [])
  const scripts = await Promise.all(
    names.map(async (name) => ({ name, interpreter: await readInterpreter(join(bin, name)) })),
  )
  const moved = scripts.filter(({ interpreter }) => interpreter.startsWith(`${toolchain.source}/`))
  if (moved.length === 0) return undefined
  const index = toolchain.target.slice(toolchain.target.lastIndexOf('/') + 1)
  const source = join(directory, 'scripts', index)
  await mkdir(source, { recursive: true })
  for (const { name, interpreter } of moved) {
    const inside = toolchain.target + interpreter.slice(toolchain.source.length)
    const text = `#!/bin/sh\nexec ${quote(inside)} ${quote(`${toolchain.target}/bin/${name}`)} "$@"\n`
    await writeFile(join(source, name), text, { mode: 0o755 })
  }
  return { source, target: `/backspace/scripts/${index}` }
}

/** The program that the first line names; empty when the file is not a script. */
async function readInterpreter(file: string): Promise<string> {
  const handle = await open(file).catch(() => undefined)
  if (handle === undefined) return ''
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0)
    return /^#! ?(\/[^\s]+)\n/.exec(buffer.toString('utf8', 0, bytesRead))?.[1] ?? ''
  } catch {
    return '' // A directory, or a file that may not be read.
  } finally {
    await handle.close()
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
