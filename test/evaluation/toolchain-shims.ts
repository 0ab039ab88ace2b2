import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from '../../src/sandbox/local/probe-local-sandbox.ts'

/** Those that keep their compiler, or what it has compiled of the standard library, in the home directory. */
const HOME_BOUND = ['go', 'cargo']

/** Prints its own path. pyenv's `python3` is a script that starts fifteen programs before it gets to the interpreter. */
const WHERE_PYTHON_IS = ['-c', 'import sys; print(sys.executable)']

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
    await writeFile(join(directory, name), script(`HOME='${homedir()}' exec '${program}'`), { mode: 0o755 })
  }
  const python = findProgram('python3', path)
  if (python !== undefined) {
    const { stdout } = await promisify(execFile)(python, WHERE_PYTHON_IS)
    await writeFile(join(directory, 'python3'), script(`exec '${stdout.trim()}'`), { mode: 0o755 })
  }
  return {
    path: [directory, path].join(delimiter),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

function script(command: string): string {
  return `#!/bin/sh\n${command} "$@"\n`
}
