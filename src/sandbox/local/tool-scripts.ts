import { mkdirSync, writeFileSync } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { shellQuote } from '../../text/shell-quote.ts'
import type { Mount } from './mount.ts'

/** Makes scripts work in toolchains that have another path in a box than on the host. */
export interface ToolScripts {
  /**
   * Scripts such as `pip` and `pytest` name the path at which their interpreter was installed. In a box the toolchain
   * has another path, so each script gets a wrapper that starts it with the interpreter there.
   *
   * @param directory of the box.
   * @returns the directory of the wrappers; undefined if the toolchain has no such scripts, or cannot be read.
   */
  stage(directory: string, toolchain: Mount): Promise<Mount | undefined>
}

interface ToolScript {
  readonly name: string
  /** Path on the host. */
  readonly interpreter: string
}

/** Reads the scripts of a toolchain again when one is installed or removed. */
export function createToolScripts(): ToolScripts {
  const known = new Map<string, { readonly version: string; readonly scripts: readonly ToolScript[] }>()

  async function scriptsIn(bin: string): Promise<readonly ToolScript[]> {
    const stats = await stat(bin).catch(() => undefined)
    const version = `${stats?.dev} ${stats?.ino} ${stats?.mtimeMs} ${stats?.ctimeMs}`
    const earlier = known.get(bin)
    if (earlier?.version === version) return earlier.scripts
    const names = await readdir(bin).catch(() => [])
    const scripts = await Promise.all(
      names.map(async (name) => ({ name, interpreter: await readInterpreter(join(bin, name)) })),
    )
    known.set(bin, { version, scripts })
    return scripts
  }

  return {
    async stage(directory, { source, target }) {
      const scripts = await scriptsIn(join(source, 'bin'))
      const moved = scripts.filter(({ interpreter }) => interpreter.startsWith(`${source}/`))
      if (moved.length === 0) return undefined
      const index = target.slice(target.lastIndexOf('/') + 1)
      const staged = join(directory, 'scripts', index)
      mkdirSync(staged, { recursive: true })
      for (const { name, interpreter } of moved) {
        const inside = target + interpreter.slice(source.length)
        const text = `#!/bin/sh\nexec ${shellQuote(inside)} ${shellQuote(`${target}/bin/${name}`)} "$@"\n`
        // There may be a hundred small files. Waiting for each of them would take five times as long.
        writeFileSync(join(staged, name), text, { mode: 0o755 })
      }
      return { source: staged, target: `/backspace/scripts/${index}` }
    },
  }
}

/** The program that the first line of a script names; empty if the file is not a script. */
async function readInterpreter(file: string): Promise<string> {
  const handle = await open(file).catch(() => undefined)
  if (handle === undefined) return ''
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0)
    return /^#! ?(\/[^\s]+)\n/.exec(buffer.toString('utf8', 0, bytesRead))?.[1] ?? ''
  } catch {
    return '' // It is a directory, or cannot be read.
  } finally {
    await handle.close()
  }
}
