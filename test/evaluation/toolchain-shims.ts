import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { findProgram } from '../../src/sandbox/local/probe-local-sandbox.ts'

/** Those that keep their compiler, or what it has compiled of the standard library, in the home directory. */
const HOME_BOUND = ['go', 'cargo']

/**
 * A PATH on which Go and Rust find what this machine's user has: every sandbox has an empty home of its own, where
 * Go would compile its whole standard library again.
 */
export async function toolchainShims(
  path: string,
): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'backspace-shims-'))
  for (const name of HOME_BOUND) {
    const program = findProgram(name, path)
    if (program === undefined) continue
    const script = `#!/bin/sh\nHOME='${homedir()}' exec '${program}' "$@"\n`
    await writeFile(join(directory, name), script, { mode: 0o755 })
  }
  return {
    path: [directory, path].join(delimiter),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}
