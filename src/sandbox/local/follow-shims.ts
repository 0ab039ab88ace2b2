import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Managers that keep one small program for every tool, which starts the version that a file names. */
const SHIMS = /\/\.(?:pyenv|rbenv|nodenv|goenv)\/shims$/
const CARGO = /\/\.cargo\/bin$/

/**
 * Directories of the versions that a version manager's directory on PATH stands for, as its user has chosen them
 * for this machine. The manager itself stays outside: its directory is writable, and `.cargo` holds tokens.
 *
 * @returns the directory itself when it is not one of a version manager.
 */
export function followShims(directory: string): readonly string[] {
  const manager = dirname(directory)
  if (SHIMS.test(directory)) {
    const versions = readText(join(manager, 'version')).split(/\s+/).filter(isName)
    return versions.map((version) => join(manager, 'versions', version, 'bin'))
  }
  if (CARGO.test(directory)) {
    const rustup = join(dirname(manager), '.rustup')
    const settings = readText(join(rustup, 'settings.toml'))
    const toolchain = /^default_toolchain\s*=\s*"([^"]+)"/m.exec(settings)?.[1] ?? ''
    return isName(toolchain) ? [join(rustup, 'toolchains', toolchain, 'bin')] : []
  }
  return [directory]
}

/** A name of one directory, not a path. */
function isName(text: string): boolean {
  return text !== '' && text === basename(text) && !text.startsWith('.')
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
