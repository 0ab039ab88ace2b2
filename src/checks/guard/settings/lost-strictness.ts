import { posix } from 'node:path'
import {
  countMatches,
  type GuardFinding,
  type ReadChange,
  type ReadFile,
  textNow,
} from '../change/guarded-change.ts'
import { placedLines } from '../change/settings-in-place.ts'

/** Matches lines that make a crate or a file stricter. */
const STRICT =
  /^\s*#!\[(?:deny|forbid)\((?!unsafe_code|missing_docs)|^\s*\/\/\s*@ts-check\b|^\s*\/[/*]\s*@flow\b|^#\s*typed:\s*(?:true|strict|strong)\b|^declare\(strict_types\s*=\s*1\)/
/** Captures the lints of a crate that count as errors. */
const LINTS = /^\s*#!\[(?:deny|forbid)\(([\w:,\s]{1,500})\)\]\s*$/
const LEVEL = /^\s*([\w-]{1,80})\s*=\s*(?:"(?:deny|forbid)"|\{[^}]{0,80}\blevel\s*=\s*"(?:deny|forbid)")/
const OF_LINTS = /\[(workspace\.)?lints\.(rust|clippy|rustdoc)\]/
const FROM_WORKSPACE = /^\[lints\]\s*(?:#.*)?\n\s*workspace\s*=\s*true\b|^lints\.workspace\s*=\s*true\b/m

/**
 * Reports lines that made a crate or a file stricter and are gone. Lints of Rust may move to the manifest of the crate, or to that of
 * a workspace from which the crate takes its lints.
 */
export function lostStrictness({ files }: ReadChange): readonly GuardFinding[] {
  return files.flatMap(({ file, role, isTest, added, removed }): readonly GuardFinding[] => {
    if (role === 'text' || file.status === 'added' || file.status === 'deleted') return []
    const gone = removed.filter((line) => STRICT.test(line))
    if (gone.length <= countMatches(added, STRICT) || areInManifest(gone, file.path, files)) return []
    return [{ text: `\`${file.path}\` lets less count as an error`, weight: isTest ? 'note' : 'reason' }]
  })
}

function areInManifest(lines: readonly string[], path: string, files: readonly ReadFile[]): boolean {
  if (!path.endsWith('.rs')) return false
  const manifests = files.filter(
    ({ file }) => posix.basename(file.path) === 'Cargo.toml' && file.status !== 'deleted',
  )
  // The nearest manifest above a source is that of its crate.
  const crate = manifests
    .filter(({ file }) => path.startsWith(folderOf(file.path)))
    .reduce<ReadFile | undefined>(
      (one, other) => ((one?.file.path.length ?? 0) < other.file.path.length ? other : one),
      undefined,
    )
  if (crate === undefined) return false
  const ofWorkspace = FROM_WORKSPACE.test(textNow(crate))
    ? manifests.flatMap((one) => lintsIn(one, true))
    : []
  const held = new Set([...lintsIn(crate, false), ...ofWorkspace])
  return lines.every((line) => {
    const names = LINTS.exec(line)?.[1]?.split(',') ?? []
    return names.length > 0 && names.every((name) => held.has(name.trim()))
  })
}

/** `src/` for `src/Cargo.toml`, and an empty text at the root. */
function folderOf(path: string): string {
  return path.slice(0, -'Cargo.toml'.length)
}

/** The lints that new lines of a manifest deny, as an attribute names them: `unused`, `clippy::all`. */
function lintsIn(manifest: ReadFile, ofWorkspace: boolean): readonly string[] {
  return placedLines(manifest).fresh.flatMap(({ text, below }) => {
    const name = LEVEL.exec(text)?.[1]
    const [section, workspace, tool = 'rust'] = OF_LINTS.exec(below) ?? []
    if (name === undefined || section === undefined || (workspace !== undefined) !== ofWorkspace) return []
    const lint = name.replaceAll('-', '_')
    return [tool === 'rust' ? lint : `${tool}::${lint}`]
  })
}
