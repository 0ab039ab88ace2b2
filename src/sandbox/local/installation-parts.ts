import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Mount } from './mount.ts'

/**
 * Directories that belong to a tool beside its programs. Other files may belong to an application, and hold its
 * secrets.
 */
const PARTS = /^(?:sbin|lib|lib32|lib64|libx32|libexec|share|include|man)$/
/** What else the installation of certain programs needs. */
const PARTS_OF: readonly (readonly [program: RegExp, parts: RegExp])[] = [
  [/^go$/, /^(?:src|pkg|VERSION|go\.env)$/],
  [/^java$/, /^(?:conf|jmods|jre|legal|release)$/],
  [/^mvn$/, /^(?:boot|conf)$/],
  [/^(?:gradle|ant|sbt|groovy)$/, /^(?:init\.d|conf|etc)$/],
  [/^python[\d.]*$/, /^(?:pyvenv\.cfg|ssl)$/],
  [/^erl$/, /^(?:erts-[\d.]+|releases)$/],
  [/^(?:dart|flutter)$/, /^(?:packages|version)$/],
  [/^nim$/, /^(?:config|dist)$/],
  [/^dotnet$/, /^(?:sdk|shared|host|packs|templates|sdk-manifests)$/],
]
/** Most programs in a directory that is not called `bin`, since each of them is a mount. */
const MAX_PROGRAMS = 200

/**
 * The parts of an installation that a box may see: its programs, and the directories that tools have beside them. A
 * link that leads out of the installation is left out.
 *
 * @param options.bin the directory of programs, which the operator has on PATH; may be the installation itself.
 */
export function installationParts(
  { source, target }: Mount,
  { bin }: { readonly bin: string },
): readonly Mount[] {
  const programs = listNames(bin)
  const wanted = [
    PARTS,
    ...PARTS_OF.flatMap(([program, parts]) => (programs.some((name) => program.test(name)) ? [parts] : [])),
  ]
  const isFlat = realpathSync(bin) === realpathSync(source)
  const own = isFlat ? programs.filter((name) => isProgram(join(bin, name))).slice(0, MAX_PROGRAMS) : []
  const names = listNames(source).filter((name) => wanted.some((pattern) => pattern.test(name)))
  const inside = [...new Set([...own, ...names])].flatMap((name) => {
    const real = realInside(join(source, name), source)
    return real === undefined ? [] : [{ source: real, target: join(target, name) }]
  })
  return isFlat ? inside : [{ source: realpathSync(bin), target: join(target, basename(bin)) }, ...inside]
}

function listNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function isProgram(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats?.isFile() === true && (stats.mode & 0o111) !== 0 && !basename(file).startsWith('.')
}

/** The real path of a part; undefined if the part leads out of the installation. */
function realInside(path: string, installation: string): string | undefined {
  try {
    if (!lstatSync(path).isSymbolicLink()) return path
    const real = realpathSync(path)
    const [first = ''] = real.startsWith(`${installation}/`)
      ? real.slice(installation.length + 1).split('/')
      : []
    return PARTS.test(first) ? real : undefined
  } catch {
    return undefined
  }
}
